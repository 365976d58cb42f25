def draw(color: str) -> str: return color

X = draw(colour="red")
