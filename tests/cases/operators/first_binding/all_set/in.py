import os
LIMIT = 1
def f(items):
    import re
    global LIMIT
    total = 0
    for item in items:
        total += item
        LIMIT += len(item)
    def inner(x):
        return x
    return sorted(total + inner(i) for i in items), os, re
