class Store:
    def load(self, key):
        return self.rows[key]

    def load_many(self, keys) -> dict[str, int]:
        return {key: self.rows[key] for key in keys}

    def ask(self, key):
        return self.rows[key]

    def asks(self, keys):
        return [self.rows[key] for key in keys]
