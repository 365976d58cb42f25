# at: return parts
def f(text):
    parts, rest = [], ""
    for letter in text:
        if letter == ",":
            parts.append(rest)
            rest = ""
        else:
            rest += letter
    return parts
