def f(age):
    return age + 1
