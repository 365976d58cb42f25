def f(text, form):
    left, right = text.split("|")
    if form:
        left_user, right_user = form.split("|")
        left, right = left.strip(), right.strip()
    return left + right
