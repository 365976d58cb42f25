def f(age, limit):
    if age > limit:
        return "adult"
    return "child"
