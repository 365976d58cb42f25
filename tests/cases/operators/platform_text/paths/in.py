import os


def parts(path):
    return [part.split("/") for part in path.split(":")]
