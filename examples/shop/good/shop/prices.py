"""Prices in cents."""


def discount(total):
    """Return the discount for an order: a tenth from 100.00 on."""
    if total >= 10_000:
        return total // 10
    return 0


def with_tax(amount, percent=19):
    """Return the amount with tax, rounded to the cent."""
    return amount + round(amount * percent / 100)
