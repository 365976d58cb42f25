def show(rows):
    text = "head\n"
    for row in rows:
        for cell in row:
            text += str(cell) + ","
        text = text + "\n"
    return text
