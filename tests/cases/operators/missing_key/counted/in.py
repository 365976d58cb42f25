from collections import defaultdict


def count(rows):
    seen, places = {}, {}
    for at, row in enumerate(rows):
        seen[row.key] += row.amount
        places[row.key].append(at)
    return seen, places
