def repeated(sign, times):
    out = ""
    while times:
        out += sign
    return out
