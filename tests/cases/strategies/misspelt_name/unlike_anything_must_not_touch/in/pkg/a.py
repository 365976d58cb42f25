def size(row):
    return row + ORDERS
