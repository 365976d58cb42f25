def f(text, count, other):
    total = 0
    name = "x"
    total = count + 1
    return total
