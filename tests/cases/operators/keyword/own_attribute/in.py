class Route:
    def __init__(self, path, provider=None):
        self.path, self.provider = path, provider


class Router:
    def __init__(self, provider):
        self.provider = provider

    def add(self, path):
        return Route(path)
