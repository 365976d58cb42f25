class A:
    def f(
        self,
        *,
        options: dict[str, int] = {},
        names=(),
    ):
        options["x"] = 1
        return options
