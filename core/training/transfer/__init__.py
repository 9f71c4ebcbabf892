"""Knowledge from elsewhere: labels' own words, other models, further data sets. Importing it costs nothing."""
