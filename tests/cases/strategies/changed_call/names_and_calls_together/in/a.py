from distutils.dir_util import copy_tree, mkpath
from distutils.spawn import find_executable


def go(a, b):
    mkpath(b)
    copy_tree(a, b)
    return find_executable("git")
