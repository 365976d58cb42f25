def total(xs):
    return sum(xs)

def run(xs):
    return total(xs)
