def first(found):
    return found.group(1)
