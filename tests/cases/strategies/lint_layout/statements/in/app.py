import os; import sys
class Box: pass
def total(values):
    if not values: return 0
    elif len(values) == 1: return values[0]
    else: print(values); return sum(values);
    try: os.remove("x")
    except OSError: sys.exit(1)
