def total(rows, last):
    sums = {"all": 0}
    for row in rows:
        last += row
        rows[1:] += [last]
        sums.items().append(row)
    return sums
