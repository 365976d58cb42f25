"""One rule of the diff gate per file."""
