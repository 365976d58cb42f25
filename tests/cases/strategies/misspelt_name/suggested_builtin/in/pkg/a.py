def size(length):
    return lenght + length  # é
