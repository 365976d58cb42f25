def f(x):
    return f"{x["a"]} and {x.get("b")}"
