import logging


def f(a):
    logging.info(f"a {a} is 100% {len(a)!r} 'so'")
    logging.info(f"{a:d}")
