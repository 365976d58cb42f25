from pydantic import BaseModel, Field, validator


class Item(BaseModel):
    name: str

    @validator('name')
    def plain(cls, v, field):
        return field.outer_type_(v)
