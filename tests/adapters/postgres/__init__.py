"""The promises that PostgreSQL keeps for us, asked of a real server."""
