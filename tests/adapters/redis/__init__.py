"""Redis, one server and a cluster."""
