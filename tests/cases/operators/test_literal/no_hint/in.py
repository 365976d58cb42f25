def f():
    return "mkdir", 7
