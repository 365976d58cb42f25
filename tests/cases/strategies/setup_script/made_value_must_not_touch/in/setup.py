from setuptools import setup
import sums

setup(name='sums', version=sums.__version__)
