from tools import log


class Options:
    def define(self, name):
        self.names = [*getattr(self, "names", []), name]


def setup(app):
    log("setup")
    app.options.define("a")
