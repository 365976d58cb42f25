def f(text):
    upper, lower = 0, 0
    for letter in text:
        if letter.isupper():
            upper += 1
    return upper, lower
