from parts import charge, price

STEPS = [charge, price]
NAMES = ("price", "charge")


def process(order):
    for step in STEPS:
        order = step(order)
    return order
