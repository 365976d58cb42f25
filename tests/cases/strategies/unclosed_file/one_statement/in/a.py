import json


def load(path):
    data = json.load(open(path,
                          encoding="utf-8"))
    return data
