from pydantic import BaseModel, Field, validator


class Item(BaseModel):
    size = 1
