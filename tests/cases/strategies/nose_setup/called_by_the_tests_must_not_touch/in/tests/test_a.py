rows = []


def setup():
    rows.append(1)


def done():
    rows.clear()


def test_rows():
    setup()
    assert rows
