from db import conect

def test_it(): pass
