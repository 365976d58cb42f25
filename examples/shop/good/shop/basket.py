"""A basket of articles."""

from shop.prices import discount, with_tax


class Basket:
    """Articles with their prices in cents."""

    def __init__(self):
        self.articles = []

    def add(self, name, price, count=1):
        """Put `count` pieces of an article into the basket."""
        self.articles.append((name, price, count))

    def total(self):
        """Return the sum of all articles, without discount and tax."""
        return sum(price * count for _name, price, count in self.articles)

    def to_pay(self):
        """Return what is to be paid: the total less the discount, with tax."""
        total = self.total()
        return with_tax(total - discount(total))
