from .post import b
a = 1
