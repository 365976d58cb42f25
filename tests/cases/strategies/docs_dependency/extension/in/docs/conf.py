extensions = ["sphinx_copybutton"]
