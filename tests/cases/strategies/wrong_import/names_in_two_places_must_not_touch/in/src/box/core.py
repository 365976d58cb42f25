from box._compat import text_type, u


def f():
    return text_type(u)
