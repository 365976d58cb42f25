from setuptools import setup, find_packages

setup(
    name="thing",
    version="1",
    packages=find_packages(),
)
