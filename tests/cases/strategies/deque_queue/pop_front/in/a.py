def walk(start, links):
    queue, seen = [], {start}
    todo = [start]
    while todo:
        node = todo.pop(0)
        for link in links[node]:
            if link not in seen:
                seen.add(link)
                todo.append(link)
    return seen
