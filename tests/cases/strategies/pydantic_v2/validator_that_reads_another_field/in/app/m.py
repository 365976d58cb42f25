from pydantic import BaseModel, validator


class Span(BaseModel):
    start: int
    end: int

    @validator('end')
    def after(cls, value, values):
        if value < values['start']:
            raise ValueError('no')
        return value
