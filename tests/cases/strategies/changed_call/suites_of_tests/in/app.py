import unittest


class Checks(unittest.TestCase):
    def runs(self):
        pass


def suite():
    return unittest.makeSuite(Checks, "runs")


def other():
    return unittest.makeSuite(Checks)
