class Base:
    def calculate(self):
        return 1


class Child(Base):
    pass


def use():
    child = Child()
    return child.calulate()
