def f(items, seen):
    for item in items:
        seen.add(item)
    return seen
