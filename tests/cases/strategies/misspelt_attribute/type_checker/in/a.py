class Order:
    def __init__(self) -> None:
        self.total = 1

def f(o: Order) -> int:
    return o.totl
