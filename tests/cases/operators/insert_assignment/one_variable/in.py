def f(node):
    return node
