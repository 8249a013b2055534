"""Panels set their clocks by our NAKs: none is sent while our own clock is not known to be right.

settings.py   whom to ask, and how wrong is wrong
sntp.py       question and answer of a time source (RFC 4330), as bytes
rules.py      whether the clock is known to be right, and when a person is told
watching.py   looks each second, asks every few minutes, reports
"""
