"""The market-mood monitor: every listed company's mood in news and posts, the moment it turns, and why."""
