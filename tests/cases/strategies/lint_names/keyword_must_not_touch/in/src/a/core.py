def total(maxSize):
    return maxSize


X = total(maxSize=2)
