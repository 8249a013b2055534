"""What our receiver is measured against, each a process of its own that prints its port and ends with its input.

`store_off` is our receiver without its last step; `twin` does the same work as it on asyncio, uvloop and asyncpg;
`pysiaalarm_server` is somebody else's, and stores nothing.
"""
