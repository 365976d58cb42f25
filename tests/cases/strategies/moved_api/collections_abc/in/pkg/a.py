import collections
from collections import Mapping, OrderedDict


def flat(value):
    if isinstance(value, (Mapping, collections.MutableMapping)):
        return OrderedDict(value)
    return value
