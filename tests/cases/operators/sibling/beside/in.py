from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from math import (
    ceil,
)


def pages(price, count):
    cents = price.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    return ceil(cents / count)
