"""What follows from what happened: pure functions from an incident, its plans and the time to the next events.

judging.py      whether the alarm is confirmed
cancelling.py   whether the customer's disarm ends it
choosing.py     which plan it is worked by
stepping.py     which step comes next, and whom it calls
reminding.py    what a timer that came due means
reacting.py     all of them, in order, until nothing more follows
"""
