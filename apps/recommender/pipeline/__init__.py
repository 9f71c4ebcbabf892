"""What the recommender does: from events to vectors, candidates, rankings and reasons. Knows neither HTTP nor SQL."""
