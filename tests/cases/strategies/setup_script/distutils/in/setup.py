from distutils.core import setup

setup(name='sums', version='1')
