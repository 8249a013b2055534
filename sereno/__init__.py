"""The command: from settings to processes.

`sereno run` starts the database, the receiver, the dispatcher and the console, each a process of its own, and keeps
them alive. The other commands look at a station or prepare it.
"""
