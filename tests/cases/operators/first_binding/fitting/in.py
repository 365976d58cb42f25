def f(rows):
    for row in rows:
        for cell in row:
            found.append(cell)
    return found
