def scale(width, height):
    return f"{width}x{height}"


def label(width, height):
    return scale(width, height), scale(height, height), scale(1, width)
