"""NATS: the doorbell that wakes followers, and the questions asked of the recommender."""
