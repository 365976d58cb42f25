from setuptools import setup

setup(
    name="thing",
    install_requires=[
        "click",
        "attrs>=20",
    ],
)
