# test: assert f("git diff") == "git diff --staged"; assert f("git diff foo") == "git diff --staged foo"
def f(command):
    return "{} --staged".format(command)
