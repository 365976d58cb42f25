"""Reading logs safely: archives, cleaning, limits, ranking, excerpts."""
