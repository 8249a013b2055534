"""Action plans as files: read, checked, tested, compared.

reading.py   TOML -> `Plan`
book.py      all plans that are in force together
linting.py   what can't be right in a plan
rehearsing.py  the tests that stand in plan files
shadowing.py a new book against the old one, on recorded signals
shipped/     the plans that the station comes with
"""
