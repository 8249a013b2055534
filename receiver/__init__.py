"""Bytes -> frame -> signal -> stored -> acknowledged.

doors.py         sockets: all ready ones are read in one batch, by one task over one epoll
conversation.py  one panel's bytes to frames, without I/O
reading.py       a frame and its account to signals and the reply, without I/O
usual.py         the frames that nearly all panels send nearly always, all of that in one go
journal.py       signals to the database, many in one commit; only then is a reply written
process.py       starts them

`protocols/` holds the wire code. The rule that everything here serves: no ACK before the commit.
"""
