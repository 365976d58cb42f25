"""Read things."""

import os


def read(path):
    with open(os.fspath(path)) as stream:
        return json.load(stream)
