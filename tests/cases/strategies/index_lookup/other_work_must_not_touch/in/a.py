def match(orders, users):
    out = []
    for order in orders:
        for user in users:
            out.append(user)
            if user.id == order.user_id:
                out.append(order)
    return out
