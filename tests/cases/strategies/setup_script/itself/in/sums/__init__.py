import idna

__version__ = '1.0'
