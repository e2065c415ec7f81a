"""Ways out for letters, with real peers."""
