"""Pictures and films of alarms, fetched by a process that is kept apart from everything else.

rules.py     which links, addresses and contents are allowed
fetching.py  one fetch, to an address that was checked
process.py   the loop
"""
