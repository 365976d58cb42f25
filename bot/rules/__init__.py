"""One approval rule per file."""
