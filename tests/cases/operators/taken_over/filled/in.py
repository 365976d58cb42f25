def f(base):
    fields = {"a": 1}
    total = 0
    return fields, total
