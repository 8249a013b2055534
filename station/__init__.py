"""The nouns of a central station, as plain frozen values.

Signal    one report from a panel              signals.py, event_codes.py
Account   who reports, and what stands there   accounts.py
Incident  an alarm being handled               incidents.py
Operator  who handles it                       operators.py

Nothing here acts. `station.store` is the only place that speaks SQL.
"""
