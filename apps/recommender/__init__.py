"""The recommender: what a user is likely to want next, from the last click on; new items from their text."""
