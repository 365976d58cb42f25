def f(x):
    try:
        return x()
    except ValueError, e:
        print "no", e
        raise RuntimeError, "no"
