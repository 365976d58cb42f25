class Shop:
    def __init__(self, rows):
        self.rows = rows

    def total(self, rate):
        return [sum(self.rows) * rate for _ in range(9)][-1]


def price(text):
    return [int(text) for _ in range(9)][-1]


async def ask():
    return price("1")
