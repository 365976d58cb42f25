import numpy as np


def filled(size):
    out = np.zeros(size)
    out.itemset(0, 5.0)
    if size > 1:
        out.itemset((1,), out.item(0))
    return out
