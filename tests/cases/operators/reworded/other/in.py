# test: assert staged("git diff foo") == "git diff --staged foo"
def staged(command):
    return command.script + len(command.parts) * 2 if command.find("x") else str(command.script)
