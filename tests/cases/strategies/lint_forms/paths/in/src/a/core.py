import os


def f(a):
    if os.path.exists(a):
        return open(a, 'rb').read()
    return os.path.isdir(a + '/b')
