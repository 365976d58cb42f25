"""Box."""


def total(values):
    """Return the sum.

    Steps:

    * take
    * add
    and be done.
    """
    return sum(values)
