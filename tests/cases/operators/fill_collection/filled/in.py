def f(start):
    seen = set()
    seen.add(start)
    todo = []
    g(todo)
    return seen
