def draw(shape, *, color="red"):
    return shape, color


def run():
    return draw(1, timeout=3)
