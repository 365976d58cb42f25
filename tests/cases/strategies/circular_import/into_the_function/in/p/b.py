from .a import use

c = 1


def b(x):
    return x


def again(x):
    return use(x)
