import re


def f(text):
    name = re.findall(r"unknown '([a-z]+)'", text)
    return name, re.findall(r"meant '([a-z]+)'", text)
