from setuptools import setup
setup(name="a", install_requires=["click=8.1"])
