import numpy as np

def f(x):
    return np.asarray(x, dtype=np.float), np.float_(1), np.bool
