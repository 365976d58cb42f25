"""Events: decoding, normalising, adding up."""
