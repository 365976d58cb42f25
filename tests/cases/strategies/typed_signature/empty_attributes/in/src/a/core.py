class A:
    def __init__(self):
        self.items = []
        self.table = {}
        self.size: int = 0
