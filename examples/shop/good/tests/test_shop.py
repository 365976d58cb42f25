from shop.basket import Basket
from shop.prices import discount, with_tax


def basket(*prices):
    made = Basket()
    for number, price in enumerate(prices):
        made.add(f"article {number}", price)
    return made


def test_small_orders_get_no_discount():
    assert discount(9_999) == 0


def test_an_order_of_a_hundred_gets_a_tenth():
    assert discount(10_000) == 1_000


def test_large_orders_get_a_tenth():
    assert discount(25_000) == 2_500


def test_tax_is_rounded_to_the_cent():
    assert with_tax(101) == 120


def test_total_counts_pieces():
    made = basket(150)
    made.add("pen", 25, count=4)
    assert made.total() == 250


def test_a_hundred_to_pay():
    assert basket(6_000, 4_000).to_pay() == 10_710
