from fastapi import Depends


def at(now=Depends(int)):
    return now
