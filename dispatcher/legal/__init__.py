"""The law of each country: when an alarm is confirmed, when police may be told, and what false alarms lead to.

confirmation.py  the one question that the engine asks
counting.py      signals within a window; what has come since somebody called it false
spain.py, portugal.py, britain.py, states.py, elsewhere.py   a table each
false_alarms.py  counters, permits and suspended premises
to_tell.py       what the law says must be told
"""
