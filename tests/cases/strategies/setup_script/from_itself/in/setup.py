from setuptools import setup

from sums.about import NAME, VERSION

setup(name=NAME, version=VERSION)
