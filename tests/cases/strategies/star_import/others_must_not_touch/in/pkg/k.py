from pkg.i import *
