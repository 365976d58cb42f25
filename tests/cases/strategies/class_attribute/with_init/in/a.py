class Cart:
    items = []
    LIMIT = [1]

    def __init__(self, name):
        self.name = name

    def add(self, item):
        self.items.append(item)
