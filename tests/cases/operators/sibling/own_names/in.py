import json as shop

from shop.pay import charge
from . import floor


def total(ceil, rows):
    return charge(ceil(floor(rows))) + rows.bisect_left
