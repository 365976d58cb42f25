from .utils import slug as _slug  # short


def title(text):
    return _slug(text)
