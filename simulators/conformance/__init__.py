"""A battery of frames against any DC-09 receiver, and what each should be answered.

`cases.py` holds the words, one file a subject holds the frames, `battery.py` all of them in order. `play.py` sends them
and hears what comes back, `judging.py` compares, `report.py` writes the table; `command.py` is `sereno conformance`.
"""
