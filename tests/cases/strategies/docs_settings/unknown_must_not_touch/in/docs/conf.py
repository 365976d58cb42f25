extensions = ["frobnicate"]
