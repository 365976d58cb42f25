def parts(path):
    return path.split(":") + [f"/{path}"]
