def total(values):
    """Returns the sum.

    It returns it.
    """


def one():
    """Tries it."""
