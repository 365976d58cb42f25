from bot.checks.discovery.jointly import contradiction, left_out

HEAD = '[project]\nname = "sums"\nversion = "1"\ndependencies = ["idna>=3.7"]\n'
EXTRA = HEAD + '\n[project.optional-dependencies]\ntest = ["werkzeug<3"]\n'
HOW = (
    "made with uv from the project's metadata (without werkzeug<3: not to be had together with the rest"
    " (the environment can't be made: error: No solution found cause: Because flask needs more))"
)


def _files(*runs: str, **more: str) -> dict[str, str]:
    steps = "".join(f"      - run: {run}\n" for run in runs)
    workflow = f"on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
    return {"pyproject.toml": HEAD, ".github/workflows/ci.yml": workflow} | {
        name.replace("__", "/").replace("_txt", ".txt"): text for name, text in more.items()
    }


def test_a_constraint_that_excludes_what_the_project_needs_is_told() -> None:
    said = contradiction(_files("pip install -c constraints.txt -e .", constraints_txt="# old\nidna==2.10\n"))
    assert "The user requested (constraint) idna==2.10" in said
    assert "sums 0 depends on idna>=3.7" in said


def test_a_nested_list_that_excludes_what_the_project_needs_is_told() -> None:
    files = _files("pip install . -r lists/dev.txt", lists__dev_txt="-r pins.txt\n", lists__pins_txt="idna==2.10\n")
    assert "The user requested idna==2.10" in contradiction(files)


def test_two_pins_of_one_command_are_told() -> None:
    assert "idna==3.7" in contradiction(_files("pip install idna==2.10 idna==3.7"))


def test_lists_that_are_not_installed_together_may_differ() -> None:
    files = _files("pip install -e .", "pip install -r old.txt", old_txt="idna==2.10\n")
    assert contradiction(files) == ""


def test_other_words_of_a_command_are_no_requirements() -> None:
    files = _files("pip install -i https://example.org/simple -e .[test] ./wheels/a.whl -r none.txt 'idna>=3'")
    assert contradiction(files) == ""


def test_what_an_environment_left_out_is_told_where_automation_installs_it() -> None:
    said = left_out(HOW, _files("pip install -e .[test]") | {"pyproject.toml": EXTRA})
    assert said.splitlines()[1:] == ["error: No solution found", "  cause: Because flask needs more))"]
    assert left_out(HOW, _files("uv sync") | {"pyproject.toml": EXTRA}) == said


def test_what_automation_never_installs_may_be_left_out() -> None:
    assert left_out(HOW, _files("pip install -e .") | {"pyproject.toml": EXTRA}) == ""
    assert left_out("made with uv from the project's metadata", _files("uv sync")) == ""
