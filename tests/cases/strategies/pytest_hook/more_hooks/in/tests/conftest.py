def pytest_ignore_collect(path, config):
    return path.basename == "old.py" or None


def pytest_report_header(config, startdir):
    return f"in {startdir.strpath}"
