from setuptools import setup

setup(name='thing', install_requires=['click>=7', 'attrs'])
