"""The App as `selfheal serve` runs it, for code of our own: where no sandbox works here it runs without one."""

from __future__ import annotations


def main() -> None:
    """Serve until asked to stop."""
    import uvicorn

    from bot.app import Options
    from bot.serve.server import create
    from bot.settings import read

    settings = read()
    made = create(settings, Options(trust_code=True))
    uvicorn.run(made, host=settings.host, port=settings.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
