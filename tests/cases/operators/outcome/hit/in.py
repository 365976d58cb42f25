def below(values, limit):
    for value in values:
        if value >= limit:
            return True
    return False
