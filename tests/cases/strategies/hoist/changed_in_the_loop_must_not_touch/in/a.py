def f(rows, names):
    for row in rows:
        names.append(row)
        if sorted(names)[0] == row and len(rows):
            return row
