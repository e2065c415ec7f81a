"""The few words every context shares: events, facts, refusals, ids, personal data."""
