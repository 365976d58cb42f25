# at: a ** 2 * b
def sign(a, b):
    return a ** 2 * b
