def f(number):
    if number > 1:
        return 1
    else:
        return 0
