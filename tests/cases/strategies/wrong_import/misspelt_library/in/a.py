import itertool

def f(xs): return list(itertool.chain(*xs))
