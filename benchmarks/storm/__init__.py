"""A day of storm in virtual time, against the real database: what waits how long, and whether life-safety does.

scenario.py   what panels report on such a day (pure, seeded)
people.py     operators at human speed, and a provider whose texts arrive
day.py        the day, moment by moment
report.py     percentiles against the limits, and a picture of the queue
"""
