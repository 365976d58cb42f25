"""Did a rate rise? The exact test for two rates by conditioning on the sum of events.

Przyborowski and Wilenski, "Homogeneity of results in testing samples from Poisson series" (1940): when nothing changed,
the events of now, given all events, are binomial with the share that now has of all trials.
"""

from __future__ import annotations

import math


def risen(now: int, trials_now: int, before: int, trials_before: int) -> float:
    """Return the one-sided p value of `now` events in `trials_now` against `before` in `trials_before`."""
    if now <= 0 or trials_now <= 0 or trials_before <= 0:
        return 1.0
    return binomial_tail(now, now + before, trials_now / (trials_now + trials_before))


def binomial_tail(least: int, trials: int, share: float) -> float:
    """Return the probability of at least `least` successes in `trials` with probability `share` each."""
    if least <= 0:
        return 1.0
    if share >= 1 or share <= 0:
        return float(share >= 1)
    term = _log_choose(trials, least) + least * math.log(share) + (trials - least) * math.log1p(-share)
    total, odds = 0.0, share / (1 - share)
    for successes in range(least, trials + 1):
        total += math.exp(term)
        term += math.log((trials - successes) / (successes + 1) * odds) if successes < trials else 0.0
    return min(1.0, total)


def _log_choose(trials: int, successes: int) -> float:
    return math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
