from .utils import a
b = 1
