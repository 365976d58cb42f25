# at: rest
def f(head):
    rest = [head]
    more = [1]
    return rest
