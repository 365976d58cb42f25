from blog.utils import shout, slug


def title(text):
    return shout(slug(text))
