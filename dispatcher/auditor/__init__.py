"""Who watches the engine: a process of its own, which sees from outside that nothing is forgotten or late.

rules.py       what is wrong in a look, and when to say so
process.py     looks every few seconds, and says so: a station alarm, and an outside heartbeat that stops
matters.py     the alarms that it raises, each once until it ends
settings.py    what it is told
head_files.py  signed heads and their key, as files
sending.py     heads to another host
heads.py       takes a head each hour and sends it
metrics.py     what it counts
"""
