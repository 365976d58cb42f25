# helpers: app.text:strip
from app.text import strip


def command(name):
    return strip(name)
