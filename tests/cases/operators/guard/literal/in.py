# test: assert greeting(None) == "stranger"
def greeting(name):
    return name.title()
