COUNT: int = None
RATE: int = 1.5

def f(x: any) -> None: print(x)
