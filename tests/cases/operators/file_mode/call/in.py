def log(path, mode):
    shop.opened(path, "w")
    return open(path, mode)
