from setuptools import find_package, setup

setup(name='sums', packages=find_package())
