from a import ROWS
VALUE = add(ROWS)
