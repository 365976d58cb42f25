from pkg.a import *

print(x)
