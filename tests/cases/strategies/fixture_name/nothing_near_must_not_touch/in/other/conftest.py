import pytest


@pytest.fixture
def quantty():
    return [1, 2]


