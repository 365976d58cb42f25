from pydantic import BaseModel, validator


class Span(BaseModel):
    start: int
    end: int

    @validator('end')
    def after(cls, value, values):
        values = dict(values)
        return value
