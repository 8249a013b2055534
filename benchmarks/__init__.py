"""Numbers: what a station on this machine stands, measured from outside over loopback.

`python -m benchmarks` starts a station of its own, prints a table and writes `RESULTS.md`. The panels are a process
of their own (`generator.py`), whose share of the processor is part of the result.
"""
