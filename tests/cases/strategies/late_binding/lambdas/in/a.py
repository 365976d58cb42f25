def make(names):
    calls = []
    for i, name in enumerate(names):
        calls.append(lambda x, y=2: x * i + y)
        calls.append(lambda: name)
    return calls + [lambda: i for i in range(3)], sorted(names, key=lambda n: n)
