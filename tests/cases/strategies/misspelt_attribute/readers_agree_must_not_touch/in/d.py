def tax(order):
    return order.amount * 0.2
