import os

import pytest


@pytest.fixture
def home():
    return os.getcwd()
