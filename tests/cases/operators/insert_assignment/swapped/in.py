# at: node = following
def f(node):
    previous = None
    while node:
        following = node.next
        node = following
    return previous
