"""Box."""
__version__ = "1"
