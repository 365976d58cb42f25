import app


def test_stamp():
    assert app.stamp() == "2024-05-06T00:00:00" and "2024-05-06"
