"""What the recommender does, over its store. Knows no HTTP."""
