class Order:
    def total_prise(self):
        return 1

    def show(self):
        return str(self.total_prise())
