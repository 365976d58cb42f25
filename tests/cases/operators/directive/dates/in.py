def days(first):
    return parse(first, "%Y-%d-%m"), "{user} of {group}"
