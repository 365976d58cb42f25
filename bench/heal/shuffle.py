"""Plugin for pytest that runs the tests in the random order of the seed in SHUFFLE_SEED. Reads only its environment."""

import os
import random


def pytest_collection_modifyitems(items):
    """Shuffle the tests."""
    random.Random(os.environ["SHUFFLE_SEED"]).shuffle(items)
