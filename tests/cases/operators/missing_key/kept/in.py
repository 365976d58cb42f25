def group(rows):
    out, names = make(), set()
    for row in rows:
        out[row.key] = [row]
        names[row.name] = {row.key}
        out[1:] = row
    return out, names
