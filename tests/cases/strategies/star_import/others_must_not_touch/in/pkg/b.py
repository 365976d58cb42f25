from pkg.c import *

print(x)
