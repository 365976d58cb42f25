def f(self, given):
    made = dict(self)
    made.update(given)
    return made
