"""Parse and validate the flags of each `segcli score` study. Pure."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from segcli.base.errors import UsageError
from segcli.base.money import exponent
from segcli.base.numbers import number
from segcli.interface.command import Values

Options = Callable[[Values, str], Values]  # (flags, currency) -> options of the study
_PERCENT = 100
_MOST_MONTHS = 120  # the run time is proportional to the number of months


def numbers(text: str, flag: str) -> tuple[Fraction, ...]:
    """Return the numbers of a comma-separated list; 10k is 10,000. Raise UsageError if a word is not a number."""
    words = text.split(",")
    found = tuple(Fraction(n) for word in words if (n := number(word.strip())) is not None)
    if len(found) < len(words):
        raise UsageError(f"{flag}: '{text}' is no list of numbers", "such as 30,90,180,365")
    return found


def _ascending(values: Values, name: str) -> tuple[Fraction, ...]:
    return numbers(values[name], f"--{name}") if values[name] else ()


def abc(values: Values, _currency: str) -> Values:
    """Return the two limits of ABC and the metric that is added up."""
    limits = tuple(n / _PERCENT for n in _ascending(values, "limits"))
    if limits and len(limits) != 2:  # noqa: PLR2004 - A and B
        raise UsageError(f"--limits: ABC takes two, not {len(limits)}", "such as 80,95")
    return {"by": values["by"], "limits": limits}


def rfm(values: Values, _currency: str) -> Values:
    """Return the four limits of each score, and the method that determines limits that are not given."""
    found = {name: _ascending(values, name) for name in ("recency", "frequency", "monetary")}
    for name, limits in found.items():
        if limits and len(limits) != 4:  # noqa: PLR2004 - of five scores
            raise UsageError(f"--{name}: five scores need four limits, not {len(limits)}", "such as 30,90,180,365")
    if any(found.values()) and values["method"] not in {None, "fixed"}:
        raise UsageError(f"--method {values['method']} finds its limits itself", "leave out the limits or the method")
    return {**found, "method": values["method"]}


def bands(values: Values, currency: str) -> Values:
    """Return the limits of the bands and their names."""
    limits = numbers(values["limits"], "--limits")
    scaled = tuple(n * 10 ** exponent(currency) for n in limits)
    return {"by": values["by"], "limits": scaled, "names": band_names(limits)}


def band_names(limits: Sequence[Fraction]) -> list[str]:
    """Return the names of the bands between limits: one more than there are limits."""
    words = [f"{float(n):,.10g}" for n in limits]
    return [f"below {words[0]}", *(f"{a} to {b}" for a, b in pairwise(words)), f"{words[-1]} and more"]


def growth(values: Values, currency: str) -> Values:
    """Return the thresholds for growth and decline, and the minimum amount."""
    rule: dict[str, Fraction | int] = {}
    if values["limits"]:
        found = _ascending(values, "limits")
        if len(found) != 2:  # noqa: PLR2004 - decline and growth
            raise UsageError(f"--limits: growth takes two, not {len(found)}", "such as --limits=-20,20")
        rule = {"decline": found[0] / _PERCENT, "growth": found[1] / _PERCENT}
    if values["least"]:
        rule["least"] = int(numbers(values["least"], "--least")[0] * 10 ** exponent(currency))
    return {"rule": rule, "any": values["short"]}


def days(*names: str) -> Options:
    """Return a parser of limits in days, one for each of these names."""

    def read(values: Values, _currency: str) -> Values:
        found = _ascending(values, "limits")
        if found and len(found) != len(names):
            raise UsageError(f"--limits: {len(names)} are taken, not {len(found)}", f"they are {', '.join(names)}")
        return {"rule": dict(zip(names, map(int, found), strict=False))}

    return read


def lifetime(values: Values, _currency: str) -> Values:
    """Return the forecast horizon in months and the monthly discount rate."""
    months = 12 if values["months"] is None else values["months"]
    if months > _MOST_MONTHS:
        raise UsageError(f"--months: {months} are more than can be foreseen", f"ten years, {_MOST_MONTHS}, at most")
    rate = float(numbers(values["rate"], "--rate")[0]) / _PERCENT if values["rate"] else 0.01
    return {"months": months, "rate": rate}
