def f(items):
    while items:
        if items.pop():
            break
        continue
    return items
