from ast import NameConstant


def known(node):
    return isinstance(node, NameConstant)
