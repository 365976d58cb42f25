import ast


def value(node):
    return isinstance(node, ast.Num)
