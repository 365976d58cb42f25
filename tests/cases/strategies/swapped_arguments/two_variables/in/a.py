def scale(width, height, unit):
    return f"{width}x{height}{unit}"


def label(box, height):
    return scale(height, box.width, "px")
