"""Followers, against real logs and real read models."""
