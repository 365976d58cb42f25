def to_text(data, encoding=None, errors="strict"):
    return data.decode(encoding or "utf-8", errors)


def f(data):
    return to_text(data)
