def f(self, items):
    self.hits =+ 1
    self.lost =-  2
    total =+ len(items)
    self.kept = +1
    low=-1
    a = b =- 1
    ready =~ 1
    first, last =- items
