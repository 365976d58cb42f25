# at: text[:limit]
def short(text, limit, suffix):
    return text[:limit] + suffix if suffix else "<" + text[:limit]
