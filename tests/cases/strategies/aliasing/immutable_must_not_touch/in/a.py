def zeros(n, keys):
    return [0] * n, dict.fromkeys(keys, 0), [(1, 2)] * n
