def total(values, start=0):
    """Return the sum, not totl.

    >>> from core import quantity
    >>> total([1, 2], start=1)
    4
    """
    return sum(values, start)
