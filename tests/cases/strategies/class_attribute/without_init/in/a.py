class Cart:
    items = {}

    def add(self, item):
        self.items[item] = 1
