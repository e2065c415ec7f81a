"""Routes about people: users, accounts, sessions, API keys, and what is held about somebody."""
