"""Reading a platform's past: history files, line by line, into the facts that the API would have recorded."""
