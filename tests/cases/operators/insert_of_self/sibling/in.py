# at: self.items.append(item)
class Queue:
    def __init__(self, limit):
        self.items = []
        self.changed = False
        self.limit = limit
        self.size = 0

    def drop(self):
        self.items.pop(0)
        self.changed = True
        self.size -= 1

    def take(self, count):
        self.items[:count] = []

    def put(self, item):
        self.items.append(item)
