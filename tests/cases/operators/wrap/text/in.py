# at: name
def f():
    name = "a"
    return name
