def f(start):
    seen = set()

    def visit(node):
        if node in seen:
            return
        for other in node.others:
            visit(other)

    visit(start)
