import unittest

class TestB(unittest.TestCase):
    def test_b(self):
        self.assertEquals(2, 2)
