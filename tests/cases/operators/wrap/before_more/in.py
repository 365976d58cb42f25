# at: line
def rows(lines):
    return [line.split("|") for line in lines if (1).real]
