class Tax:
    def rate(self, x): return x
