import os


def total(values):
    return sum(values)


class HttpClient:
    def __init__(self):
        self.a = os

    def send_all(self, x):
        print(x)

    @property
    def is_open(self):
        return True

    def size(self): return 1
