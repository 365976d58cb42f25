def check(a, b):
    assert (a, b) == (1, 2)
    assert (a, b)
    assert (
        a,
        "text",
    )
