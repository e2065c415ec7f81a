"""The long-running followers of the logs; each runs as ``python -m workers <name>``."""
