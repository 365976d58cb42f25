from pydantic import BaseSettings, Field


class Settings(BaseSettings):
    name: str = Field("x")
