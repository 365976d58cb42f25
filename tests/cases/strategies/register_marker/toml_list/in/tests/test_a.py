import pytest
@pytest.mark.slow
def test_a(): pass
@pytest.mark.slow
def test_b(): pass
