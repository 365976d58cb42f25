import re


def split(text):
    return re.split('[,;]', text, 1), re.sub('a', 'b', text, 1, re.I), re.split(',', text)
