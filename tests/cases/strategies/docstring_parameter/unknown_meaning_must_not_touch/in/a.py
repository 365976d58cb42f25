def f(x):
    """Paint.

    :param colour: which
    """
