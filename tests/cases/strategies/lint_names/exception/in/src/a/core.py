class NotThereException(Exception):
    pass


def f():
    raise NotThereException
