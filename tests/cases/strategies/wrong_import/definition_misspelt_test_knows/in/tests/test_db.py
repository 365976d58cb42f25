from db import connect

def test_it(): assert connect() == 1
