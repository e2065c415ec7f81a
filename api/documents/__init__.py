"""The pages of the documentation that come out of the code: see `pages`, and ``./playhead docs generate``."""
