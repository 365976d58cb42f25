def net(price, rate=0.2):
    return price / (1 + rate)


def gross(price):
    return price
