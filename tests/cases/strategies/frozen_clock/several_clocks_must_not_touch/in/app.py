from datetime import date


def age(born, *rest):
    return date.today().year - born


def both():
    return date.today(), date.today()


def zoned(zone):
    return date.today(zone)


def named(today):
    return date.today()
