def f(x, color):
    """Paint with `colour`, not recolour.

    Args:
        x: What.
        colour (str): Which colour.

    Parameters
    ----------
    colour : str

    :param str colour: which
    """
    return x, color
