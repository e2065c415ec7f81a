"""Long-running followers of the logs: projectors move read models on, reactors carry out promises."""
