class Shop:
    names = ['a', 'b']
    sizes = {}
    counts: dict[str, int] = {}
    many = list()
    odd = {'a': 1}
