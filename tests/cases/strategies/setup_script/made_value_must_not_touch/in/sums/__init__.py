import idna

__version__ = idna.__version__
