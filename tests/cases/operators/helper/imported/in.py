# helpers: app.text:quote app.text:words app.net:fetch
import os
from app.text import strip


def command(name):
    return strip(name)
