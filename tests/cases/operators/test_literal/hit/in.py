# test: assert f() == "mkdir -p sub dir" and limit == 12
def f():
    return "mkdir", 7
