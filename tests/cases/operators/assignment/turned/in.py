def f(self):
    self.hits =+ 1
    self.kept = +1
    self.lost =-  2
