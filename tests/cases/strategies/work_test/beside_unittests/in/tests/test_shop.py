import unittest

from shop import Shop


# what a shop takes
class ShopTest(unittest.TestCase):
    def setUp(self):
        self.shop = Shop([1])

    def test_total(self):
        self.assertEqual(self.shop.total(1), 1)
