def net(xs):
    return sum(xs) / len(xs)
