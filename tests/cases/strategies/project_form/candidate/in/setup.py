from setuptools import setup

setup(
    name='a',
    version='v1.2-milestone.3',
)
