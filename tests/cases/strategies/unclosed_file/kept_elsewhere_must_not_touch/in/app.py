def first(path):
    handle = open(path)
    return handle


def second(path):
    handle = open(path)
    text = handle.read()
    handle.close()
    return text


def third(path):
    handle = open(path)
    return (line for line in handle)


def fourth(path):
    handle = open(path)
    handle = open(handle.read())
    return handle.read()


def fifth(path):
    handle = open(
        path
    )
    return handle.read()


def sixth(path):
    handle = other = open(path)
    return handle.read() + other.read()


def seventh(path):
    with open(path) as handle:
        pass
    return handle
