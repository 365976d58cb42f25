def load(rows, stream):
    stream.seek(0)
    names = rows.find(stream)
    return names
