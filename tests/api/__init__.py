"""The ways in, as those who use them see them."""
