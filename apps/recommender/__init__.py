"""The recommender: the next call already knows."""
