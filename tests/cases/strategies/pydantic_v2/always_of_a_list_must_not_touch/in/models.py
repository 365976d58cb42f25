from pydantic import BaseModel, Field, validator


NAMES = ['name']


class Item(BaseModel):
    name: str

    @validator(*NAMES, always=True)
    def plain(cls, v):
        return v
