"""Module doc that is rather long and goes on and on until it is far too long for the limit that is set."""
from collections.abc import Iterator, Mapping, Sequence, Callable, Iterable, MutableMapping, Hashable

VALUES = {"alpha": "a text of some length that goes on and on", "beta": "another text", "gamma": 3, "delta": 4}


def total(values: list[int], first_parameter: int = 0, second_parameter: int = 0, third: int = 0) -> int:
    """Return the total of the values that are given, with everything that anybody might want to add to it."""
    # a comment that is far too long for its own good and which will need to be wrapped at some place here
    if first_parameter > second_parameter and third != first_parameter and second_parameter < third * 2 and values:
        raise ValueError(f"the first parameter {first_parameter} is larger than the second {second_parameter} here")
    x = first_parameter + second_parameter + third  # an explanation that is far too long for the end of line
    message = "a long message without any brackets around it that goes on and on beyond the limit that is set"
    assert x >= 0, "another long message without any brackets around it that goes on and on beyond the limit"
    things = [value * first_parameter for value in values if value is not None and value > second_parameter]
    call(
        values, first_parameter, second_parameter, third, x, message, things, keyword_one=first_parameter, two=2
    )
    print("%s and a long text with some words in it that goes on and on and on beyond all limits %s" % (x, 1))
    return sum(values) if first_parameter else sum(value for value in values if value) + first_parameter + third
