"""The tests; shared factories are in `make.py`."""
