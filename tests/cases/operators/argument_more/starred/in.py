def f(*a):
    return print(*a)
