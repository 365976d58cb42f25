import json


def show(x):
    return json.dumpz(x)
