def size(row1, row2):
    return rowx
