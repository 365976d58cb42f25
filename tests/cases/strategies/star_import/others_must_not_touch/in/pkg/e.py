from pkg.h import *

print(unknown)
