from collections import (
    Counter,
    defaultdict,
)


def group(pairs):
    return OrderedDict(pairs), Counter(), defaultdict(list)
