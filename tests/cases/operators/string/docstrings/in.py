def f():
    """Say hello."""
    return b"x"
