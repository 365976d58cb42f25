# at: "text"
def digest(text):
    return md5("text")
