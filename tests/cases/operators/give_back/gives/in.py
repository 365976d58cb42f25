def letters(text):
    """Yield letters."""
    for letter in text:
        yield letter


def total(rows):
    amount = sum(rows)
    return amount
