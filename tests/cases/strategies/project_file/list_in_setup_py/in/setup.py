from setuptools import setup

setup(name='box', install_requires=open('requirement.txt').read().split())
