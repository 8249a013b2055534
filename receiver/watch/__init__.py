"""An ACK that nobody looks at is the worst failure: the receiver itself watches whether anybody does.

rules.py      when nobody looks, and what then
watching.py   looks every few seconds, and does it
crying.py     the system sound and the webhook
listing.py    the waiting alarms, as text
emergency.py  the emergency list over HTTP

None of it needs a dispatcher or a console.
"""
