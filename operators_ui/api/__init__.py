"""The HTTP API: the whole of an incident worked by a program, under a token, described by OpenAPI.

bodies.py     what requests carry
showing.py    incidents and accounts as JSON
incidents.py  the alarm queue and the verbs of one incident
accounts.py   accounts, tests, tasks, approvals, keys
answers.py    refusals as JSON
fields.py     fields that do not exist are refused
"""
