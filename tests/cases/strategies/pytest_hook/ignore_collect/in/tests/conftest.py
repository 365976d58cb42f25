def pytest_ignore_collect(path, config):
    return path.basename == "old.py" or None
