class Order:
    def __init__(self, lines):
        self.lines = lines

    async def process(self, fast=False):
        self.price()
        self.charge()
