from pydantic import BaseModel


class User(BaseModel):
    class Config:
        orm_mode = True
