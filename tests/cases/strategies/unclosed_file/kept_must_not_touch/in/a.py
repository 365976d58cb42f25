def load(self, path):
    self.stream = open(path)
