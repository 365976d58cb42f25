def clean(names, gone):
    for name in names:
        gone.append(name)
