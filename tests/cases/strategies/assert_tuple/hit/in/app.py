def check(a):
    assert (a > 0, "must be positive")
    assert (a, b"")
    return a
