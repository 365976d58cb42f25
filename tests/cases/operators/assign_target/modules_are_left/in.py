import os


def f():
    name = os.sep
