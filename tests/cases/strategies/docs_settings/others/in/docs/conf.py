intersphinx_mapping = {"https://docs.python.org/3": None, "np": "https://numpy.org/doc"}
