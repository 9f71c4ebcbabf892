"""What the monitor does: from a text to companies, moods, curves and alerts. Knows neither HTTP nor SQL."""
