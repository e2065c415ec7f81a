"""Read models in memory."""
