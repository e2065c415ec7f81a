"""What a reader that follows a log misses while six processes append to it.

A sequence hands out numbers before they are committed, so a reader that has
seen 42 may never look for 41, which commits later.  The library's default
takes a table lock against that; its ``enable_db_functions`` forgets the lock.
"""
def measure_loss(url: str, *, seconds: float, as_json: bool) -> None: ...
