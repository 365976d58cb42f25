import bisect
import logging
import os.path as paths


def place(rows, row):
    logging.log(logging.SOCK, paths.dirname(row))
    return bisect.bisect_left(rows, row)
