def f(text, form):
    left, other = text.split("|")
    left_user = form
    return left + other
