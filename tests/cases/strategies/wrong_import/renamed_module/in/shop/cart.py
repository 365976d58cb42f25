from .helpers import total
import shop.helpers


def pay(xs):
    return shop.helpers.total(xs) + total(xs)
