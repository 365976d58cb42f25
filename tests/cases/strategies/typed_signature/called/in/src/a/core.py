from a.b import helper


def f() -> None:
    helper(1)
