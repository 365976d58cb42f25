from .a import A


class B:
    other = A
