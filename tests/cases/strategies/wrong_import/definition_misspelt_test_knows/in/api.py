from db import conect as c
X = c()
