from pathlib import Path


def read(path, mode):
    with open(path) as stream:
        a = stream.read()
    with open(path, "w", newline="") as out, open(path, "rb") as raw, open(path, mode) as odd:
        out.write(a)
    Path(path).write_text(a)
    Path(path).open("w").write("x")
    return Path(path).read_text() + Path(path).read_text(encoding="latin-1")
