import sys as l


def one():
    global I
    I = 1


def two(l):
    return l


try:
    two(l=1)
except ValueError as O:
    print(O)

for l in "ab":
    print(l)
