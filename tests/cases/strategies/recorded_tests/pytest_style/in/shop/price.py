def net(total, rate=0.1):
    if total < 0:
        raise ValueError("negative")
    return total * (1 - rate)
