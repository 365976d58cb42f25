from typing import Optional

from pydantic import BaseModel


class Item(BaseModel):
    a: 'int | None'
    b: "Optional[int]"
    c: 'int'
