"""One repair per file."""
