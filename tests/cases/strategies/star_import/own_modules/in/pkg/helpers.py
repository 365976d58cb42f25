START = 0
LATER = 2
_HIDDEN = 1


def combined(values):
    return sum(values)


def sum(values):
    return 1
