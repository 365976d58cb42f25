def known(values):
    for value in values:
        if value:
            return True
    return True
