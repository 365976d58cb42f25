X = 1  # teh one
