def show(rows):
    text = ""
    for row in rows:
        if len(text) > 10:
            break
        text += row
    return text
