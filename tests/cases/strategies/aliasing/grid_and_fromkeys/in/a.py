def grid(n, m, keys):
    rows = [[0] * n] * m
    rows[0][0] = 1
    return rows, dict.fromkeys(keys, []), [0] * n
