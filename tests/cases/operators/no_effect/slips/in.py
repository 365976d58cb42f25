def f(self, items, item):
    self.count == 0
    self.count + 1
    items.sort
    items
