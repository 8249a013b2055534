"""Numbers: what a station on this machine stands, measured from outside over loopback, beside its peers.

`python -m benchmarks` starts everything that it needs, prints two tables and writes `RESULTS.md`. The panels are a
process of their own (`native/generator.c`), whose share of the processor is part of the result.
"""
