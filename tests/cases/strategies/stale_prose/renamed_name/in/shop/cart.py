def total(x): return x
