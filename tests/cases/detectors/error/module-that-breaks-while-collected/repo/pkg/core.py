value = {}.size
