# at: if
def f(log, quiet):
    if quiet:
        # silent
        log.clear()
        log.append(1)
