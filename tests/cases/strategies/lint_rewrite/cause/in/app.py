def a(x):
    try:
        return int(x)
    except ValueError:
        raise KeyError(x)
    except (TypeError, OSError) as broken:
        def inner():
            raise RuntimeError
        raise RuntimeError('no')
