def load(self, path):
    self.file = open(path, "a+")
    self.seen.update(line.strip() for line in self.file)
    for line in self.file:
        self.seen.add(line)
    return self.file
