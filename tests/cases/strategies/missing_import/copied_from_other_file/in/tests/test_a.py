#!/usr/bin/env python
from pkg.a import ONE


def test_one():
    assert np.all(ONE == 1)
