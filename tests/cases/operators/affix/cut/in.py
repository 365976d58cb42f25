# test: assert short("hello world", 8) == "hello..." and tag("a") == "#a"
def short(text, limit):
    return text[:limit]
