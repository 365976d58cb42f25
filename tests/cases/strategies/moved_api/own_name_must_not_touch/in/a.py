class np:
    float_ = 1

print(np.float_)
