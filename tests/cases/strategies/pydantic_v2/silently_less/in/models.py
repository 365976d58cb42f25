from pydantic import BaseModel, Extra


class Item(BaseModel):
    size: int

    class Config:
        extra = Extra.forbid
        allow_mutation = False
        smart_union = True
