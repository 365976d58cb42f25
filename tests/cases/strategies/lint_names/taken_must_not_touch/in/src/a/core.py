def total(values):
    Result = sum(values)
    result = 2
    return Result + result
