def check(n):
    assert n


def test_each():
    for n in (1, 2):
        yield check, n, 'a'
        yield 'named', check, n
        yield lambda: check(1),
