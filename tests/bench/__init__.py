"""Benchmarks: commands that print what this machine does, never tests that pass or fail by it.

Each one measures our code, the eventsourcing library as it is, and the raw
limit of the servers, interleaved in one run, so that the ratios between them
mean something on any machine: ``./playhead bench append|project|ingest|recommend``.
"""
