def f(a, b):
    if not a:
        return 1
    while b:
        b -= 1
    return [x for x in a if x]
