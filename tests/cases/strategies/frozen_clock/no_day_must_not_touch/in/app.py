from datetime import date, datetime


def age(born):
    return date.today().year - born


def stamp() -> str:
    return datetime.now().isoformat()


def both():
    return date.today(), date.today()
