"""Read models: what each one answers, and which events move it.

A projection is a pure fold of a log; its read model can be dropped and built
again.  It imports the domain's events and never the application.
"""
