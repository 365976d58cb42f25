from pydantic import BaseModel


class Tags(BaseModel):
    __root__: list[str]


def made():
    return Tags(__root__=['a']).__root__
