def common(first, second):
    known = list(first)
    return [name for name in second if name in known]
