def apart(one, two, places):
    near = abs(one) - two
    return round(one * 100, places) / int(two - one)
