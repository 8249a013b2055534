"""The only SQL of the station: one module and one `.sql` file per noun.

`database.py` alone knows asyncio and asyncpg; the others take a `Session` and give back nouns. What must hold
whatever a program does stands in `schema.sql`, as constraints and grants.
"""
