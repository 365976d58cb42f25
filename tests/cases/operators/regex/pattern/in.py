import re


def f(text):
    return re.match(r"^\w+ to$", text)
