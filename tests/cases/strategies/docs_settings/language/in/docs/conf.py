language = None
