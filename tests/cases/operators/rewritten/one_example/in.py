# test: assert f("git diff foo") == "git diff --staged foo"
def f(command):
    return "{} --staged".format(command)
