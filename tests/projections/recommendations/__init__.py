"""The recommender: what it learns, what it offers, and why."""
