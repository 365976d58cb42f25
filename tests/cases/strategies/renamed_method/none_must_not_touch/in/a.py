class Log:
    def __init__(self):
        self.rows = None

    def add(self, row):
        self.rows.append(row)
