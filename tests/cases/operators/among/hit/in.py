# test: assert f("for x") == 1
def f(text, sign=" "):
    if text.split()[0] == "def":
        return 1
    return 0 if sign == " " else 2
