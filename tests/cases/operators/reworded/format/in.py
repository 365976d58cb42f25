# test: assert staged("git diff foo") == "git diff --staged foo"
def staged(command):
    return "{} --staged".format(command.script)
