class Shelf:
    boxes = []

    def __init__(self, size=3):
        self.size = size

    def put(self, box):
        self.boxes.append(box)


class Needs:
    kept = {}

    def __init__(self, what):
        self.what = what
