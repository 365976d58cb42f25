# test: assert short("hello world", 8) == "hello..."
def short(text, limit):
    self.size = len(text)
    return limit * 2
