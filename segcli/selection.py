"""Which accounts: the selection flags -> one SQL condition on `account AS a` and its bound values. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from segcli.classification import CLASSES, FIELDS, Catalogue, Values, parse_values, pattern
from segcli.errors import UsageError
from segcli.text import fold

TEXT_FILTERS = ("status", "country", "manager", "sector")
FLAGS = (*CLASSES, "class", "account", "search", *TEXT_FILTERS, "selection", "where")
_STATUS = {"none": "A", "suspect": "S", "prospect": "P", "customer": "C"}


class Clause(NamedTuple):
    """A condition and the values bound in it, in the order of its question marks."""

    sql: str
    values: tuple[Any, ...] = ()

    def negated(self) -> "Clause":
        """Return the condition that holds exactly where this one does not."""
        return Clause(f"NOT ({self.sql})", self.values)


EVERYTHING = Clause("1")


def named(clause: Clause, prefix: str) -> tuple[str, dict[str, Any]]:
    """Return the condition with its question marks named, and their values, so that it can stand beside named ones."""
    parts = clause.sql.split("?")
    names = [f"{prefix}_{index}" for index in range(len(parts) - 1)]
    sql = "".join(f"{part}:{name}" for part, name in zip(parts, names, strict=False)) + parts[-1]
    return sql, dict(zip(names, clause.values, strict=True))


def both(clauses: Iterable[Clause]) -> Clause:
    """Return the condition that all of them hold."""
    parts = [clause for clause in clauses if clause is not EVERYTHING]
    if not parts:
        return EVERYTHING
    return Clause(" AND ".join(f"({p.sql})" for p in parts), tuple(v for p in parts for v in p.values))


def either(clauses: Sequence[Clause]) -> Clause:
    """Return the condition that one of them holds; EVERYTHING for no clauses."""
    if len(clauses) < 2:  # noqa: PLR2004 - one is itself
        return clauses[0] if clauses else EVERYTHING
    return Clause(" OR ".join(f"({c.sql})" for c in clauses), tuple(v for c in clauses for v in c.values))


@dataclass(frozen=True, slots=True)
class Filters:
    """The selection flags as typed, their grammar checked but not yet their names."""

    classes: tuple[tuple[str, Values], ...] = ()  # class3 or a label, and what it must be
    accounts: tuple[str, ...] = ()
    search: str = ""
    texts: tuple[tuple[str, Values], ...] = ()
    selections: tuple[str, ...] = ()
    where: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything was asked for."""
        return bool(self.classes or self.accounts or self.search or self.texts or self.selections or self.where)

    def words(self) -> str:
        """Return what was asked for in words, for captions: `class1 = N,S · country = NL`."""
        parts = [f"{name} = {'not:' * v.is_negated}{v.text}" for name, v in (*self.classes, *self.texts)]
        parts += [f"account = {', '.join(self.accounts)}"] if self.accounts else []
        parts += [f"search = {self.search}"] if self.search else []
        return " · ".join((*parts, *(f"selection {name}" for name in self.selections), *self.where))


def read(flags: Mapping[str, Any]) -> Filters:
    """Return the filters that the selection flags ask for. A UsageError where VALUES are malformed."""
    classes = [(f"class{n}", parse_values(v, f"--class{n}")) for n in FIELDS for v in flags.get(f"class{n}") or ()]
    classes += [_labelled(text) for text in flags.get("class") or ()]
    texts = [(name, parse_values(v, f"--{name}")) for name in TEXT_FILTERS for v in flags.get(name) or ()]
    return Filters(
        classes=tuple(classes),
        accounts=tuple(code.strip() for code in flags.get("account") or ()),
        search=(flags.get("search") or "").strip(),
        texts=tuple(texts),
        selections=tuple(flags.get("selection") or ()),
        where=tuple(flags.get("where") or ()),
    )


def _labelled(text: str) -> tuple[str, Values]:
    label, sign, values = text.partition("=")
    if not sign or not label.strip():
        raise UsageError(f"--class: '{text}' is not LABEL=VALUES", "write --class Region=N,S")
    return label.strip(), parse_values(values, f"--class {label.strip()}")


@dataclass(frozen=True, slots=True)
class Names:
    """What compiling needs to know of a database."""

    catalogue: Catalogue
    has_account: Callable[[str], bool] = lambda _: True
    has_text: Callable[[str, str], bool] = lambda _column, _value: True
    saved: Callable[[str], Mapping[str, Any]] = lambda _name: {}
    near_accounts: Callable[[str], Sequence[str]] = lambda _code: ()


def compile_filters(filters: Filters, names: Names, seen: tuple[str, ...] = ()) -> Clause:
    """Return the condition on `account AS a`. An unknown label, value, account or selection is a UsageError."""
    return both(
        (
            *_class_clauses(filters, names.catalogue),
            *_account_clauses(filters, names),
            *_text_clauses(filters, names),
            *([search_clause("a.id", "account", filters.search)] if filters.search else ()),
            *(_saved_clause(name, names, seen) for name in filters.selections),
            *_where_clauses(filters, names),
        )
    )


def _grouped(pairs: Iterable[tuple[Any, Values]]) -> dict[Any, list[Values]]:
    groups: dict[Any, list[Values]] = {}
    for key, values in pairs:
        groups.setdefault(key, []).append(values)
    return groups


def _combined(lists: Sequence[Values], clause: Callable[[Values], Clause]) -> Clause:
    """Join what was given for one flag: one of the plain lists, and none of the negated ones."""
    wanted = either([clause(values) for values in lists if not values.is_negated])
    return both((wanted, *(clause(values).negated() for values in lists if values.is_negated)))


def _class_clauses(filters: Filters, catalogue: Catalogue) -> Iterable[Clause]:
    by_field = _grouped((catalogue.field(name), values) for name, values in filters.classes)
    for field, lists in by_field.items():

        def clause(values: Values, field: int = field) -> Clause:
            if not catalogue.values(field) and values.words not in {("none",), ("any",)}:
                raise catalogue.unknown(field, values.words[0])
            return _class_clause(f"a.class{field}", *catalogue.matching(field, values))

        yield _combined(lists, clause)


def _class_clause(column: str, ids: set[int], with_none: bool) -> Clause:  # noqa: FBT001 - a pair from matching
    # Two-valued also where the class is empty: NOT of it must be its complement.
    known = Clause(f"{column} IS NOT NULL AND {column} IN ({', '.join('?' * len(ids))})", tuple(sorted(ids)))
    none = Clause(f"{column} IS NULL")
    return either([clause for clause, is_asked in ((known, ids), (none, with_none)) if is_asked] or [Clause("0")])


def _account_clauses(filters: Filters, names: Names) -> Iterable[Clause]:
    for code in filters.accounts:
        if not names.has_account(code):
            near = names.near_accounts(code)
            raise UsageError(f"--account: there is no account '{code}'", f"near it: {', '.join(near)}" if near else "")
    if filters.accounts:
        yield Clause(f"a.code IN ({', '.join('?' * len(filters.accounts))})", filters.accounts)


def _text_clauses(filters: Filters, names: Names) -> Iterable[Clause]:
    for column, lists in _grouped(filters.texts).items():
        yield _combined(lists, lambda values, column=column: _text_clause(column, values, names))  # type: ignore[misc]


def _text_clause(column: str, values: Values, names: Names) -> Clause:
    if column == "status":
        words = [_STATUS.get(word.lower(), word.upper()) for word in values.words]
        unknown = [word for word in words if word not in {"A", "S", "P", "C", "ANY"}]
        if unknown:
            raise UsageError(f"--status: '{unknown[0]}' is no status", "A none, S suspect, P prospect, C customer")
        return either([_text_atom(column, word, names) for word in words])
    return either([_text_atom(column, word, names) for word in values.words])


def _text_atom(column: str, word: str, names: Names) -> Clause:
    name = f"a.{column}"
    if word.lower() in {"none", "any"}:
        return Clause(f"{name} IS {'NOT ' * (word.lower() == 'any')}NULL")
    if word.lower().startswith("prefix:") or any(sign in word for sign in "*?["):
        glob = f"{_literal(word[7:])}*" if word.lower().startswith("prefix:") else word
        return Clause(f"{name} IS NOT NULL AND lower({name}) GLOB ?", (glob.lower(),))
    if ".." in word and pattern(word):  # pattern checks the ends
        low, _, high = word.partition("..")
        return Clause(f"{name} IS NOT NULL AND {name} BETWEEN ? AND ? COLLATE NOCASE", (low.strip(), high.strip()))
    if not names.has_text(column, word):
        raise UsageError(f"--{column}: no account has '{word}'", f"see: segcli show account-search --group-by {column}")
    return Clause(f"{name} IS NOT NULL AND {name} = ? COLLATE NOCASE", (word,))


def _literal(text: str) -> str:
    """Return a glob that matches the text itself."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)


MIN_TRIGRAM = 3


def search_clause(column: str, table: str, text: str) -> Clause:
    """Return the condition that every word of the text stands somewhere in the row's search text.

    Words of three letters or more go through the trigram index; shorter ones are looked for in what is left.
    """
    clauses = []
    for word in fold(text).split():
        if len(word) >= MIN_TRIGRAM:
            index = f"{table}_search"
            clauses.append(
                Clause(f"{column} IN (SELECT rowid FROM {index} WHERE search_text GLOB ?)", (f"*{_literal(word)}*",))
            )
        else:
            clauses.append(Clause(f"instr({column.split('.', maxsplit=1)[0]}.search_text, ?) > 0", (word,)))
    return both(clauses)


def _saved_clause(name: str, names: Names, seen: tuple[str, ...]) -> Clause:
    if name.casefold() in seen:
        raise UsageError(f"--selection: '{name}' refers to itself", f"by way of {' -> '.join(seen)}")
    return compile_filters(read(names.saved(name)), names, (*seen, name.casefold()))


def _where_clauses(filters: Filters, names: Names) -> Iterable[Clause]:
    if filters.where:
        from segcli import where

        yield from (where.compile_expression(text, names) for text in filters.where)
