# at: values.get
def fill(name, values):
    return str(values.get(name))
