"""Reads the section rfm of the configuration: limits, method and named segments of RFM."""

import re
from typing import TYPE_CHECKING, Any

from segcli.base.deferred import regex
from segcli.base.errors import SegcliError, UsageError
from segcli.settings.config import Config

if TYPE_CHECKING:
    from fractions import Fraction

    from segcli.domain.scoring.rfm_scheme import Scheme
    from segcli.domain.scoring.rfm_segments import Range, Segment
    from segcli.settings.plain_yaml import Node

_RANGE = regex(r"([1-5])(?:\s*-\s*([1-5]))?", re.ASCII)
_LIMITS = 4  # of five scores
_of_run: list[Config] = []


def use(config: Config) -> None:
    """Set the configuration of this run."""
    _of_run[:] = [config]


def current() -> "Scheme":
    """Return the scheme of this run's configuration."""
    from segcli.domain.scoring.rfm_scheme import USUAL

    return read(_of_run[0]) if _of_run and "rfm" in _of_run[0].sections else USUAL


def read(config: Config) -> "Scheme":
    """Return the configured scheme. A wrong value is a SegcliError with its file, line and key."""
    from dataclasses import replace

    from segcli.domain.scoring.rfm_scheme import SCORED, USUAL, unreached
    from segcli.settings import keys, plain_yaml, section_keys

    document = plain_yaml.tree(plain_yaml.read(config.path), str(config.path))
    if document is None:
        return USUAL
    said = keys.read(document.mapping()["rfm"], section_keys.SECTIONS["rfm"])
    given: dict[str, Any] = {name: said[name].text for name in ("method", "rest") if name in said}
    given |= {name: _limits(said[name], name) for name in SCORED if name in said}
    found = replace(USUAL, **given)
    if "segments" not in said:
        return found
    nodes = said["segments"].listed
    if not nodes:
        raise SegcliError(f"{said['segments'].place}: rfm.segments is empty", "write {name: best, recency: 4-5}")
    segments = tuple(_segment(node) for node in nodes)
    doubts = tuple(
        f"{nodes[at].file}:{nodes[at].line}: segment '{segments[at].name}' never wins: earlier segments take its scores"
        for at in unreached(segments)
    )
    return replace(found, segments=segments, doubts=doubts)


def _limits(node: "Node", name: str) -> "tuple[Fraction, ...]":
    from fractions import Fraction

    from segcli.base.numbers import number
    from segcli.domain.scoring.bands import checked

    found = []
    for part in node.listed:
        value = number(part.text)
        if value is None:
            raise SegcliError(f"{part.place}: rfm.{name}: '{part.text}' is no number", "write 250, 12.50 or 10k")
        found.append(Fraction(value))
    if len(found) != _LIMITS:
        raise SegcliError(f"{node.place}: rfm.{name}: five scores need four limits, not {len(found)}")
    try:
        checked(found, name)
    except UsageError as error:
        raise SegcliError(f"{node.place}: rfm.{error.message}", error.hint) from error
    return tuple(found)


def _segment(node: "Node") -> "Segment":
    from segcli.domain.scoring.rfm_scheme import SCORED
    from segcli.domain.scoring.rfm_segments import Segment
    from segcli.settings import keys, section_keys

    said = keys.read(node, section_keys.SEGMENT)
    return Segment(said["name"].text, **{name: _range(said[name], name) for name in SCORED if name in said})


def _range(node: "Node", name: str) -> "Range":
    match = _RANGE.fullmatch(node.text)
    low, high = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if low > high:
        raise SegcliError(f"{node.place}: {name}: '{node.text}' is no range of scores", "write 4-5, or 4")
    return low, high
