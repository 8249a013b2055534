"""The outside world: simulated panels that report to a station as real ones would, over sockets and nothing else.

settings   what an installer typed into a panel     panel_settings.py, demo_accounts.py
reports    what happens at the premises             reports.py, stories.py, timetable.py
frames     SIA DC-09 on the wire                    frames.py, links.py
panels     one panel, and a whole fleet of them     panels.py, panel_fleet.py
command    `sereno simulate ...`                    command.py, load.py, tally.py
"""
