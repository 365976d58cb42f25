def place(order, stock):
    total = order.total
    paid = charge(order,
                  total)
    check_stock(stock, order)
    return ship(order, paid)
