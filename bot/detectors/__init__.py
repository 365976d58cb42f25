"""One anomaly type per file."""
