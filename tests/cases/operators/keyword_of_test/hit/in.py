# test: read.assert_called_once_with("a", default=True)
def f(read, default):
    return read("a")
