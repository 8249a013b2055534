"""Watching that every path is heard from in time (EN 50136-1), and every test report comes.

settings.py    how it is set
arrays.py      one place a path in shared memory: what all receiver processes of a host know of it
recognition.py which path a frame came by
signs.py       what a frame tells of its path; called for each one
networks.py    addresses as numbers
reporting.py   how long a path may be silent, without I/O
sweep.py       which paths became overdue and which came back, without I/O
storms.py      many lost at once, without I/O
hearing.py     since when silence means something, without I/O
late_tests.py  when a test report is due, without I/O
late_test_reports.py  test reports that are awaited
reports.py     the signals that tell of it, without I/O
sweeper.py     sweeps for all receivers, and reports what it finds
duty.py        starts it all, and lets the database know

A link test touches an array. The database learns of it within seconds, for restarts and for other hosts.
"""
