def pytest_ignore_collect(path, config):
    return path.check() or None
