"""What we know of a repository: symbols, imports, tests, metadata."""
