"""One log or report dialect per file."""
