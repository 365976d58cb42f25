def head(parsed):
    return b"Host: " + parsed.name
