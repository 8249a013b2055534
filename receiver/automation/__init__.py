"""Hardware receivers: they take panels' calls by telephone and radio, and relay them to us over TCP.

settings      what is known of one receiver's link
relay         transmission -> signals
watch         heartbeats -> link lost, link back
link          one connection: bytes in, ACK out after the commit
doors         listening for receivers, dialling them
"""
