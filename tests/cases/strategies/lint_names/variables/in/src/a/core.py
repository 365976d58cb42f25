def total(values):
    Result = sum(values)
    maxSize = 2
    return Result + maxSize
