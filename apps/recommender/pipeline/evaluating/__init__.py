"""How good recommendations are: events hidden in two ways, full ranking, baselines in the same table, intervals."""
