def turned(graph):
    users = {}
    for node, needs in graph.items():
        for need in needs:
            users[node].append(need)
    return users
