"""Who there is: users, and the API keys that act for them."""
