def total(path, deep):
    if deep:
        handle = open(path)
        text = handle.read()
        note = """
  kept
"""
        size = len(text) + len(handle.name)
        return size + len(note)
    return 0
