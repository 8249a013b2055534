"""The screens: where operators see the alarm queue, take incidents, work them and close them.

process   the console on its listening socket         app       the routes put together
sign_on   name, password, session                     security  sessions, CSRF and headers of every request
live      what all consoles show, read once for all   stream    the same, sent to each browser as it changes
queue     the alarm queue, and taking from it         incident  one incident on a page
verbs     note, hold, hand over, close, renew         refusals  why not, in plain words
pages     templates and their languages               words     what the trade calls things
"""
