"""Redis, or a Redis Cluster: answers kept for a moment; everything here may be lost at any time."""
