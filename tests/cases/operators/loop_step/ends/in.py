def repeated(sign, times, queue):
    out = ""
    while times and queue:
        out += sign
        times -= 1
        queue.pop()
    return out
