NAMES = [
    "a" + x
    y,
    "c",
]
