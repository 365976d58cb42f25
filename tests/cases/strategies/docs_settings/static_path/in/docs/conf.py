project = "a"
html_static_path = ["_static"]  # files
