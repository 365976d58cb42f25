from lib import Base


class Order(Base):
    def __init__(self, total):
        self.total = total


def pay(order):
    return order.totl
