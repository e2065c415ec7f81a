"""What people do with their accounts, sessions and keys, and what becomes of their data."""
