from pydantic import BaseModel


class A(BaseModel):
    x: int

one = A.parse_obj({"x": 1})
two = A.parse_obj({"x": 2})
