import pytest


@pytest.mark.usefixtures("db")
@pytest.fixture(scope="session")
def thing():
    return 1


@pytest.mark.slow
def test_x(): pass
