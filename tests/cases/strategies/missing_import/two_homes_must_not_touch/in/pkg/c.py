def parse(text):
    return Parser(text)
