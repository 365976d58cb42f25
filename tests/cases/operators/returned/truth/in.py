# at: return
def f(depth, text):
    for part in text:
        if depth < 0:
            depth += 1
    return True
