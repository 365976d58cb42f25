def log(path, line):
    with open(path, "w") as stream:
        stream.write(line)
    with path.open("rb") as stream, open(path) as other:
        return stream, other, path.open(mode="a")
