from .names import *


def here():
    return os.getcwd()
