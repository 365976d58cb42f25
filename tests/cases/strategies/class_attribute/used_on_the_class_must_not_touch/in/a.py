class Cart:
    items = []

    def add(self, item):
        self.items.append(item)

ALL = Cart.items
