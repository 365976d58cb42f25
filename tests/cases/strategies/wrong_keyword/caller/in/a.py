def draw(shape, *, color="red"):
    return shape, color


def run():
    return draw("é", colour="blue")
