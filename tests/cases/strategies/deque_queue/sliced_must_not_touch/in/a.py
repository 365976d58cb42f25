def walk(start):
    todo = [start]
    while todo[1:]:
        todo.pop(0)
