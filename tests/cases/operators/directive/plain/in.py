def name(user):
    return f"{user}" + "100 %" + b"%Y %m"
