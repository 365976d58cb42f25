def clean(self, names):
    for name in names:
        if not name:
            names.remove(name)
    for key, value in self.table.items():
        if value is None:
            del self.table[key]
    for key in names:
        print(key)
