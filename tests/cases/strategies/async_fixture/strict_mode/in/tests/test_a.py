import pytest


@pytest.fixture
async def client():
    return {}


@pytest.fixture(scope="module")
def plain(): return 1
