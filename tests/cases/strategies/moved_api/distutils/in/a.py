import os
from distutils.spawn import find_executable
from distutils.version import LooseVersion


def tool():
    return find_executable("git"), LooseVersion("1.2") < LooseVersion("1.10"), os.name
