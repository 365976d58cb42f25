def f():
    a = 1
    a[0].b = 2
