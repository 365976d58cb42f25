from setuptools import setup

setup(name='box', package_dir={'': 'src'}, packages=['box', 'box.util'])
