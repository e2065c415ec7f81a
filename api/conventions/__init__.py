"""What holds for every request: who asks, how often, what a body and an answer look like, and what errors become."""
