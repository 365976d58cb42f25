import grammars
def f(old):
    if old:
        return grammars.plain
    return [grammars.usual]
