def year(a, b):
    return a.group(0) + b.group(0)
