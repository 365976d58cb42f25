from pkg.a import *
