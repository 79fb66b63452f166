"""Interleaved rounds: a ratio is only made of cells that stand beside each other."""
from statistics import median

from .server import Failure

DRIFT_MAX = 0.05
DISCARDED_MAX = 2


def summary(numbers):
    return {"median": median(numbers), "min": min(numbers), "max": max(numbers)}


def interleave(plan, bracket, others):
    """Runs [bracket, others in turned order, bracket] for each round.

    `bracket` and each of `others` (by name) return a rate. Ratios are against the mean of the two
    brackets of the round. A round whose brackets differ by more than 5 % is discarded, unless the
    machine is known to be busy; more than two of these are a failure.
    """
    rounds, discarded = [], 0
    names = list(others)
    for number in range(plan.rounds):
        first = bracket()
        turned = names[number % len(names):] + names[:number % len(names)]
        rates = {name: others[name]() for name in turned}
        last = bracket()
        base = (first + last) / 2
        drift = abs(first - last) / base
        kept = drift <= DRIFT_MAX or plan.busy
        discarded += drift > DRIFT_MAX
        rounds.append({"base": base, "drift": drift, "kept": kept, "rates": rates,
                       "ratios": {name: rate / base for name, rate in rates.items()}})
    kept = [each for each in rounds if each["kept"]]
    allowed = min(DISCARDED_MAX, plan.rounds - 1)
    if discarded > allowed and not plan.busy:
        raise Failure(f"{discarded} of {plan.rounds} rounds drifted by more than 5 %")
    return {
        "base": summary([each["base"] for each in kept]),
        "rates": {name: summary([each["rates"][name] for each in kept]) for name in names},
        "ratios": {name: summary([each["ratios"][name] for each in kept]) for name in names},
        "rounds": rounds, "drifted": discarded, "kept": len(kept),
    }
