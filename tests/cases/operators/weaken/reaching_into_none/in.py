# at: if
def f(node):
    if node.next is None:
        return True
    return False
