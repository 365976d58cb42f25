def test_each():
    for n in (1, 2):
        yield n
