import logging


def f(a, b):
    logging.info('%s and %s' % (a, b))
