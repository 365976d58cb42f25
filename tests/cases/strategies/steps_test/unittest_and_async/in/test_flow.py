import asyncio
import unittest

from flow import Order


class OrderTest(unittest.TestCase):
    def test_process(self):
        asyncio.run(Order([1]).process(fast=True))
