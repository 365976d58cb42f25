from pydantic import BaseModel, Field


class A(BaseModel):
    name: str = Field(..., regex=r"^a", max_length=3)
