project = "a"
