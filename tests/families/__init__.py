"""How the cases of each family are run: `run(unit, case)` returns the expected files by name."""
