from shop.order import Order


def pay(order: Order):
    return round(order.totl, 2)
