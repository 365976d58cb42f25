def total(maxSize):
    return maxSize
