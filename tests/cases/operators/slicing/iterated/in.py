# at: items
def f(items, k: int):
    for item in items:
        print(item)
