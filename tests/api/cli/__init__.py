"""Commands as people run them: processes with arguments, two streams and an exit status."""
