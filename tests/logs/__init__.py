"""Reading logs: archives, bounds, cleaning, verdicts."""
