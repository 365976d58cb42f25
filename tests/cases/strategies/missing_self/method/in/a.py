class Cart:
    def total():
        return 0

    @classmethod
    def make(size, *, deep=False):
        return size
