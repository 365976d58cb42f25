class A:
    @staticmethod
    def two(size):
        return size * 2
