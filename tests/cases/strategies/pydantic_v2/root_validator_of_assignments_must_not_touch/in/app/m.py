from pydantic import BaseModel, root_validator


class Span(BaseModel, validate_assignment=True):
    start: int
    end: int

    @root_validator(skip_on_failure=True)
    def ordered(cls, values):
        values['end'] = max(values['start'], values['end'])
        return values
