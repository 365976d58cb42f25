import unittest
class TestA(unittest.TestCase):
    def setUp(self):
        self.x = 1

    def test_x(self):
        assert self.y == 1
