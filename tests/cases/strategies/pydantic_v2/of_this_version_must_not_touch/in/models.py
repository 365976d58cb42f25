from pydantic import BaseModel


class Item(BaseModel):
    size: int
