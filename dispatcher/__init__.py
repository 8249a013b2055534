"""Signal -> incident -> queue -> operator -> closed.

follow.py       committed signals, in order, each acted upon once
repeats.py      which of them are copies
correlation.py  what a signal does: opens, joins, restores, or is only logged
timers.py       leases that ran out, holds that are due
desk.py         the operator's verbs; desk_rules.py says when each is allowed
process.py      starts them

Rules are pure functions of facts and `now`. The committed signal is the only door to the receiver.
"""
