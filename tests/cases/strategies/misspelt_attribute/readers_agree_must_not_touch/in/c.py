def show(order):
    return str(order.amount)
