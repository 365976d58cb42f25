def depth(left, right):
    return max(depth(left), depth(right))
