def total(values, start=0):
    """Return the sum, not totl.

    >>> from core import total
    >>> total([1, 2], strt=1)
    4
    """
    return sum(values, start)
