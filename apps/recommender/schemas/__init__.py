"""The recommender's words: on the wire, in files, and as columns for learning."""
