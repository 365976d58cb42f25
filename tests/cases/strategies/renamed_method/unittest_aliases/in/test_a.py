import unittest


class TestA(unittest.TestCase):
    def test_a(self):
        self.assertEquals(1, 1)
        self.assertEquals(
            "é", "é")
