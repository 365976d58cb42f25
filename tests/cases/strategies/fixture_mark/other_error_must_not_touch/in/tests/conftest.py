import pytest

@pytest.mark.slow
@pytest.fixture
def thing(): return 1
