"""How the tagger of names and addresses was trained: messages of our own, made-up values, the steps."""
