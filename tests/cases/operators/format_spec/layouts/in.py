def row(name, price):
    return f"{name:<10}{price:8.2f}"
