def parse(library):
    return library.parse_obj(1)
