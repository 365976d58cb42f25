class Tax:
    @staticmethod
    def split(a, b=0):
        return a // b, a % b
