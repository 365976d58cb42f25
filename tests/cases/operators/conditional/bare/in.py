# at: log
def f(log, quiet):
    log.append(1)
    return log
