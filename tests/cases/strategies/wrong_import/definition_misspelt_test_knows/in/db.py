def conect(): return 1
