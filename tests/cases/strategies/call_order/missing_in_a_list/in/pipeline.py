def load(x): return x
def clean(x): return x
def save(x): return x

STEPS = [
    load,
    save,
]
