def meter(form, left):
    global total
    left_own, _rest = form.split("|")
    total = 1
    left = left.strip()
    return left + left_own
