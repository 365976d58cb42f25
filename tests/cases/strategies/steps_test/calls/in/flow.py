from parts import charge, price


def process(order):
    price(order)
    return charge(order)
