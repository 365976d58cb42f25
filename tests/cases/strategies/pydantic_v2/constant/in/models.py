from pydantic import BaseModel, Field, validator


class Item(BaseModel):
    kind: str = Field('a', const=True)
    form: str = Field('b', const=True, title='Form')
