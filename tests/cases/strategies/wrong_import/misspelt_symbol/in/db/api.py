from db.core import (
    conect,
)

POOL = [conect() for _ in range(2)]
