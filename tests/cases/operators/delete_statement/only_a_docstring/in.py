def f():
    """Nothing."""
