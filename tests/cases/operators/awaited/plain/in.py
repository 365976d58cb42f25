def age(name):
    return fetch(name)
