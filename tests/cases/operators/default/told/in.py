# test: assert f(573) == "573 Unknown Status"
NAMES = {200: "OK"}


def f(code):
    return NAMES.get(code)
