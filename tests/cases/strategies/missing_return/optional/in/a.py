from typing import Optional

def find(x: int) -> Optional[int]:
    if x:
        return x
