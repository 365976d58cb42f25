def f(values):
    return sorted(values, reverse=True), []
