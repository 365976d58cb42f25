class Shape:
    def take(self, it: object) -> None:
        pass


class Square(Shape):
    def take(self, it: int) -> None:
        pass
