"""The recommender's models: a causal Transformer over events, co-occurrence, popularity, and the blend of them."""
