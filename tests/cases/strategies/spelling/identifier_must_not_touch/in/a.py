def recieve(x): return x
