# at: while
def f(items, found):
    while items:
        items.pop()
    return found
