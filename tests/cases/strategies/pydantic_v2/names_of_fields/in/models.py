from pydantic import BaseModel, Field, validator


class Item(BaseModel):
    size: int = 0


def names():
    return [f.name for f in Item.__fields__.values()]


def required():
    return [n for n, f in Item.__fields__.items() if f.required and f.outer_type_]
