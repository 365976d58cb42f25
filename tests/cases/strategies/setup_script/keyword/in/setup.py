from setuptools import setup

setup(
    name='sums',
    use_2to3=True,
)
