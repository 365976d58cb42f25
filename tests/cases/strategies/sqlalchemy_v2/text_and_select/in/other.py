def run(shell):
    shell.execute("ls")
