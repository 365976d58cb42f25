def match(orders, users):
    out = []
    for order in orders:
        for user in users:
            if user.id == order.user_id and user.active:
                out.append((order, user))
    return out
