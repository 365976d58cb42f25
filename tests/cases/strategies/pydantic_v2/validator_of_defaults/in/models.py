from pydantic import BaseModel, Field, validator


class Item(BaseModel):
    name: str = 'a'
    size: int = Field(1, gt=0)
    kind: str

    @validator('name', 'size', 'kind', pre=True, always=True)
    def plain(cls, v, field):
        return f'{field.name}{v}'
