"""`python -m bot` is the same as `selfheal`."""

from bot.cli import main

main()
