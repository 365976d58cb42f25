from a.core import http_client


def test():
    assert http_client()
