from typing import Optional
from pydantic import BaseModel, Extra, Field, root_validator, validator


class Base(BaseModel):
    class Config:
        """Settings."""
        orm_mode = True
        allow_mutation = False
        extra = Extra.forbid


class User(Base):
    name: str = Field(..., regex="^[a-z]+$")
    email: Optional[str]

    @validator("name", pre=True)
    def lower(cls, value):
        return value.lower()

    @validator("email")
    def with_values(cls, value, values):
        return value

    @root_validator(pre=True)
    def all_(cls, values):
        return values


def load(data):
    return User.parse_obj(data)
