rows = []


def setup():
    rows.append(1)


def teardown():
    rows.clear()


def test_rows():
    assert rows
