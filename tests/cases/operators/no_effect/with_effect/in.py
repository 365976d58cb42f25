def f(self, items):
    """Do it."""
    items.sort()
    self.count = 1
    items != 3
