"""A rule file as it was written: its keys typed and checked (`keys`), names not yet. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from segcli.base import dates
from segcli.base.errors import SegcliError
from segcli.classify.rules import keys
from segcli.settings import keys as declared
from segcli.settings import plain_yaml
from segcli.settings.plain_yaml import Node

KEEP, CLEAR = "keep", "clear"
_LIMIT = re.compile(r"\d{1,9}(?:\.\d{1,6})?%|\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it was written."""

    id: str
    value: Node  # a value's code, or `clear`
    when: Node
    hold: Node | None
    until: date | None
    why: Node | None
    place: str


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file of rules for one classification."""

    path: str
    data: bytes
    field: Node
    scope: Node | None
    windows_need: Mapping[str, Node]
    keep: tuple[str, ...]
    otherwise: Node | None  # None: keep
    max_changes: str | None
    max_share: Mapping[str, Node]
    rules: tuple[Rule, ...]
    tests: tuple[tuple[Mapping[str, Node], Node], ...]


def read(path: Path) -> RuleFile:
    """Return the parsed file. Raises SegcliError with file, line and column."""
    data = plain_yaml.read(path)
    top = plain_yaml.tree(data, str(path))
    if top is None:
        raise SegcliError(f"{path} is empty", "it needs field: and rules:")
    document = declared.read(top, keys.RULE_FILE)
    guards = declared.read(document["guards"], keys.GUARDS) if "guards" in document else {}
    otherwise = document.get("otherwise")
    return RuleFile(
        path=str(path),
        data=data,
        field=document["field"],
        scope=document.get("scope"),
        windows_need=document["windows_need"].mapping() if "windows_need" in document else {},
        keep=tuple(part.text for part in document["keep"].listed) if "keep" in document else ("manual",),
        otherwise=None if otherwise is None or otherwise.text.lower() == KEEP else otherwise,
        max_changes=limit(guards["max_changes"]) if "max_changes" in guards else None,
        max_share=guards["max_share"].mapping() if "max_share" in guards else {},
        rules=_rules(document["rules"]),
        tests=tuple(_test(node) for node in document["tests"].listed) if "tests" in document else (),
    )


def limit(node: Node) -> str:
    """Return a number or percentage as text. Raises SegcliError for anything else."""
    if not _LIMIT.fullmatch(node.text):
        raise SegcliError(f"{node.place}: '{node.text}' is neither a number nor a percentage", "such as 250 or 15%")
    return node.text


def _rules(node: Node) -> tuple[Rule, ...]:
    found: dict[str, Rule] = {}
    for part in node.listed:
        rule = _rule(part)
        if rule.id in found:
            raise SegcliError(
                f"{part.place}: there is a rule '{rule.id}' already", f"it stands at {found[rule.id].place}"
            )
        found[rule.id] = rule
    if not found:
        raise SegcliError(f"{node.place}: there is no rule")
    return tuple(found.values())


def _rule(node: Node) -> Rule:
    said = declared.read(node, keys.RULE)
    until = said.get("until")
    return Rule(
        id=said["id"].text,
        value=said["set"],
        when=said["when"],
        hold=said.get("hold"),
        until=_day(until) if until else None,
        why=said.get("why"),
        place=node.place,
    )


def _day(node: Node) -> date:
    try:
        return dates.parse(node.text)
    except SegcliError as error:
        raise SegcliError(f"{node.place}: {error.message}", error.hint) from error


def _test(node: Node) -> tuple[Mapping[str, Node], Node]:
    said = declared.read(node, keys.TEST)
    return (said["given"].mapping() if "given" in said else {}), said["expect"]
