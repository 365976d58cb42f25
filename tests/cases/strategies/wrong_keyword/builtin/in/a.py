def run(xs):
    return sorted(xs, keys=len)
