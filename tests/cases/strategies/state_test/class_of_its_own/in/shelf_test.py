import unittest

from shelf import Shelf


class ShelfTest(unittest.TestCase):
    def test_put(self):
        Shelf().put({"name": "nut"})
