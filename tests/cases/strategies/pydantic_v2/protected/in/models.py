from pydantic import BaseModel, Field, validator


class Item(BaseModel):
    """An item."""

    model_name: str
