from pkg.h import *
from pkg.j import *

print(y)
