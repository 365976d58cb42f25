def f(a):
    try:
        b = int(a)
        return b
    except ValueError:
        return 0
