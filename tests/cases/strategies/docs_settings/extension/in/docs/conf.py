extensions = ["sphinx.ext.autodocs"]
