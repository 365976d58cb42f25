from store import get_entry


def total(keys):
    found = []
    for key in keys:
        found.append(get_entry(key))
    return found
