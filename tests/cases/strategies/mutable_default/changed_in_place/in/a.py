def collect(item, into=[]):
    """Collect.

    More.
    """
    into.append(item)
    return into
