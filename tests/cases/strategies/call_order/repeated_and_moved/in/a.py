def run(self, x):
    x = self.c(x)
    x = self.a(x)
    x = self.b(x)
    return x
