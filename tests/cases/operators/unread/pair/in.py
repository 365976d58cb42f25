def meter(form, left, right, values):
    left_own, right_own = form.split("|")
    left, right = left.format(**values), right.format(**values)
    return left + right
