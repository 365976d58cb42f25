import pytest
@pytest.mark.slwo
def test_a(): pass
