from distutils.util import strtobool


def flag(a, b):
    return strtobool(a or b) + strtobool(a) + strtobool('yes')
