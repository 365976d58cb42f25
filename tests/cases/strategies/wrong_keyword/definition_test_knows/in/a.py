class Pen:
    def draw(self, shape, colour="red"):
        return shape, colour
