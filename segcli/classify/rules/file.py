"""A rule file as it was written: its fields typed and checked, names not yet. Pure.

    version: 1
    field: Customer value              # label or class1 ... class8
    scope: status = customer           # which accounts; the others keep what they have
    windows_need: {invoice: 7d}        # refuse where the newest invoice is older
    keep: [manual]                     # never overwrite what was set by hand (default), csv, import or rule
    otherwise: keep                    # what no rule matches: keep (default), clear or a value
    guards: {max_changes: 15%, max_share: {A: 10%}}
    rules:                             # the first that matches wins
      - {id: key, set: A, when: turnover(12m) >= 50k, hold: turnover(12m) >= 42k, until: 2026-12-31, why: "{turnover(12m)} in a year"}
    tests:
      - {given: {turnover(12m): 60000}, expect: A}
`when` is an expression, a list of which all must hold, or {all: [...], any: [...], none: [...]}.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from segcli.base import dates
from segcli.base.errors import SegcliError
from segcli.settings import plain_yaml
from segcli.settings.plain_yaml import Node

KEYS = ("version", "field", "scope", "windows_need", "keep", "otherwise", "guards", "rules", "tests")
RULE_KEYS = ("id", "set", "when", "hold", "until", "why")
PARTS = ("all", "any", "none")
SOURCES = ("manual", "csv", "import", "rule")
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
    document = top.mapping(KEYS)
    for key in ("field", "rules"):
        if key not in document:
            raise SegcliError(f"{top.place}: '{key}' is missing", f"a rule file has {', '.join(KEYS)}")
    if "version" in document and document["version"].text != "1":
        raise SegcliError(
            f"{document['version'].place}: version {document['version'].text} is not known", "write version: 1"
        )
    guards = document["guards"].mapping(("max_changes", "max_share")) if "guards" in document else {}
    otherwise = document.get("otherwise")
    return RuleFile(
        path=str(path),
        data=data,
        field=document["field"],
        scope=document.get("scope"),
        windows_need=document["windows_need"].mapping() if "windows_need" in document else {},
        keep=_keep(document.get("keep")),
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


def _keep(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ("manual",)
    found = tuple(part.text for part in node.listed)
    for word, part in zip(found, node.listed, strict=True):
        if word not in SOURCES:
            raise SegcliError(f"{part.place}: '{word}' is no source of a value", f"there is {', '.join(SOURCES)}")
    return found


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
    said = node.mapping(RULE_KEYS)
    for key in ("id", "set", "when"):
        if key not in said:
            raise SegcliError(f"{node.place}: the rule has no '{key}'", "a rule has id, set and when")
    until = said.get("until")
    for key in ("hold", "why"):
        if key in said:
            said[key].require_text()
    said["set"].require_text()
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
    said = node.mapping(("given", "expect"))
    if "expect" not in said:
        raise SegcliError(f"{node.place}: the test has no 'expect'", "write {given: {turnover(12m): 60000}, expect: A}")
    said["expect"].require_text()
    return (said["given"].mapping() if "given" in said else {}), said["expect"]
