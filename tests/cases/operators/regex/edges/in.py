import re


def swap(text):
    return re.sub('^mkdir (.*)', 'mkdir -p', text), re.findall(r"\s*--?(\w+)", text)
