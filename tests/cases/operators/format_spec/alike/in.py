def clock(hours, minutes, name):
    return f"{hours}:{minutes}", f"{name!r} {hours}", f"{hours}{hours}"
