extensions = ["sphinx.ext.viewcode"]
