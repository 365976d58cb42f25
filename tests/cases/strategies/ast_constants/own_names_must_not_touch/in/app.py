from app.nodes import Num


def value(ast, node):
    return isinstance(node, Num) or isinstance(node, ast.Str)
