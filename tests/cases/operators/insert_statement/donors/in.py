# at: return
def f(words):
    lines, line = [], ""
    for word in words:
        lines.append(word)
    return lines
