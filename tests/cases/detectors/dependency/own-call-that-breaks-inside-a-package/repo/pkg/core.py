api.connect(1)
