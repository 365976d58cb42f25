from bot.codebase import parse
from bot.codebase.lines import FORGOTTEN, MAYBE_FORGOTTEN, kinds, lines_of

CODE = """def f(a):
    if a < 0:
        raise ValueError('negative amount')
    self.total = a.size + len(a)
    try:
        a.size
    except AttributeError:
        pass
    a == 1
    if a:
        return a
    else:
        work(a)

def g(a):
    with a:
        work(a)
"""


def test_lines_that_decide_weigh_more_than_lines_that_only_store() -> None:
    text = "def f(a):\n    b = a\n    if a > b:\n        return a + 1\n    for c in a:\n        raise X\n    'text'\n"
    tree = parse(text)
    assert tree
    found = kinds(tree)
    assert found[3] == found[4] == 1.0
    assert found[2] < found[5] < 1.0
    assert 1 not in found


def test_what_lines_hold() -> None:
    found = lines_of(parse(CODE))
    assert (found.bodies[2], found.guards[3]) == (3, 2)
    assert found.words[3] == {"ValueError", "negative", "amount"}
    assert (found.uses[4], found.sets[4]) == ({"size", "len"}, {"total"})
    assert 0 < found.parts[2] < found.parts[4] <= 1


def test_values_that_are_forgotten() -> None:
    # A look at an attribute in a `try` is no slip, a comparison alone is one, a last call may be one.
    assert lines_of(parse(CODE)).idle == {6: 0.0, 9: 1.0, 13: FORGOTTEN, 17: MAYBE_FORGOTTEN}


def test_no_tree_tells_nothing() -> None:
    assert lines_of(None).kinds == {}
