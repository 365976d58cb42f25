# test: pytest.raises(ValueError, match="no items")
def f(items):
    return items[0]
