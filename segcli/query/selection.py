"""Compile the selection flags to one SQL condition on `account AS a` with its bound values. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from segcli.base.errors import UsageError
from segcli.base.record import Record, replace
from segcli.base.text import fold, key
from segcli.domain.account_status import STATUS
from segcli.domain.catalogue import CLASSES, FIELDS, Catalogue, Values, parse_values
from segcli.domain.clause import Clause, any_of, both, combined, either, literal, plain_words, text_atom
from segcli.query.names import Names

Key = TypeVar("Key")

TEXT_FILTERS = ("status", "country", "manager", "sector")
FLAGS = (*CLASSES, "class", "account", "search", *TEXT_FILTERS, "selection", "where")


class Filters(Record):
    """The selection flags as typed. Their grammar is checked, their names are not."""

    classes: tuple[tuple[str, Values], ...] = ()  # class3 or a label, and its values
    accounts: tuple[str, ...] = ()  # from --account: a code, or several separated by commas
    codes: tuple[str, ...] = ()  # from arguments: one code each
    search: str = ""
    texts: tuple[tuple[str, Values], ...] = ()
    selections: tuple[str, ...] = ()
    where: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether any filter is set."""
        return bool(
            self.classes or self.accounts or self.codes or self.search or self.texts or self.selections or self.where
        )

    def words(self, labels: Mapping[int, str]) -> str:
        """Return the filters as text for captions, with class labels: `Region = N,S · country = NL`."""
        named = {f"class{field}": label for field, label in labels.items()}
        asked = ((named.get(name, name), values) for name, values in (*self.classes, *self.texts))
        parts = [f"{name} = {'not:' * values.is_negated}{values.text}" for name, values in asked]
        accounts = (*self.accounts, *self.codes)
        parts += [f"account = {', '.join(accounts)}"] if accounts else []
        parts += [f"search = {self.search}"] if self.search else []
        return " · ".join((*parts, *(f"selection {name}" for name in self.selections), *self.where))


def read(flags: Mapping[str, Any]) -> Filters:
    """Return the filters of the selection flags. Raise UsageError for malformed VALUES."""
    classes = [(f"class{n}", parse_values(v, f"--class{n}")) for n in FIELDS for v in flags.get(f"class{n}") or ()]
    classes += [_labelled(text) for text in flags.get("class") or ()]
    texts = [(name, parse_values(v, f"--{name}")) for name in TEXT_FILTERS for v in flags.get(name) or ()]
    return Filters(
        classes=tuple(classes),
        accounts=tuple(map(_codes, flags.get("account") or ())),
        search=(flags.get("search") or "").strip(),
        texts=tuple(texts),
        selections=tuple(flags.get("selection") or ()),
        where=tuple(flags.get("where") or ()),
    )


def _codes(text: str) -> str:
    if not all(map(str.strip, text.split(","))):
        raise UsageError(f"--account: '{text}' holds an empty code", "write --account A,B")
    return text.strip()


def _labelled(text: str) -> tuple[str, Values]:
    label, sign, values = text.partition("=")
    if not sign or not label.strip():
        raise UsageError(f"--class: '{text}' is not LABEL=VALUES", "write --class Region=N,S")
    return label.strip(), parse_values(values, f"--class {label.strip()}")


def compile_filters(filters: Filters, names: Names, seen: tuple[str, ...] = ()) -> Clause:
    """Return the condition on `account AS a`. Raise UsageError for an unknown label, value, account or selection."""
    return both(
        (
            *_class_clauses(filters, names.catalogue),
            *_account_clauses(filters, names),
            *_text_clauses(filters, names),
            search_clause("a.id", "account", filters.search),
            *(saved_clause(name, names, seen) for name in filters.selections),
            *_where_clauses(filters, replace(names, seen=(*names.seen, *seen), saved_clause=saved_clause)),
        )
    )


def _grouped(pairs: Iterable[tuple[Key, Values]]) -> dict[Key, list[Values]]:
    groups: dict[Key, list[Values]] = {}
    for name, values in pairs:
        groups.setdefault(name, []).append(values)
    return groups


def _class_clauses(filters: Filters, catalogue: Catalogue) -> Iterable[Clause]:
    by_field = _grouped((catalogue.field(name), values) for name, values in filters.classes)
    for number, lists in by_field.items():

        def clause(values: Values, number: int = number) -> Clause:
            if not catalogue.values(number) and values.words not in {("none",), ("any",)}:
                raise catalogue.unknown(number, values.words[0])
            return _class_clause(f"a.class{number}", *catalogue.matching(number, values))

        yield combined(lists, clause)


def _class_clause(column: str, ids: set[int], with_none: bool) -> Clause:  # noqa: FBT001 - a pair from matching
    # Two-valued even if the class is empty, so that NOT is the complement.
    known = Clause(f"{column} IS NOT NULL AND {column} IN ({', '.join('?' * len(ids))})", tuple(sorted(ids)))
    none = Clause(f"{column} IS NULL")
    return either([clause for clause, is_asked in ((known, ids), (none, with_none)) if is_asked] or [Clause("FALSE")])


def _account_clauses(filters: Filters, names: Names) -> Iterable[Clause]:
    codes = [*filters.codes, *(code for text in filters.accounts for code in _listed(text, names))]
    for code in codes:
        if not names.has_account(code):
            negated, _, named = code.partition(":")
            if negated == "not" and named:
                raise UsageError(
                    f"--account: there is no account '{code}'",
                    f"to leave accounts out: --where \"account != '{named}'\"",
                )
            near = names.near_accounts(code)
            raise UsageError(
                f"--account: there is no account '{code}'",
                f"near it: {', '.join(near)}" if near else "search: segcli show account-search WORDS",
            )
    if codes:
        yield any_of("a.code", codes)


def _listed(text: str, names: Names) -> list[str]:
    """Return the codes of a list; a text that is itself an account code with a comma is one code."""
    parts = [part.strip() for part in text.split(",")]
    return parts if len(parts) > 1 and not names.has_account(text) else [text]


def _text_clauses(filters: Filters, names: Names) -> Iterable[Clause]:
    for column, lists in _grouped(filters.texts).items():
        yield combined(lists, lambda values, column=column: _text_clause(column, values, names))  # type: ignore[misc]


def _text_clause(column: str, values: Values, names: Names) -> Clause:
    if column == "status":
        words = [STATUS.get(word.lower(), word.upper()) for word in values.words]
        unknown = [word for word in words if word not in {"A", "S", "P", "C", "ANY"}]
        if unknown:
            raise UsageError(f"--status: '{unknown[0]}' is no status", "A none, S suspect, P prospect, C customer")
        return either([text_atom("a.status", word) for word in words])
    for word in plain_words([values]):
        if not names.has_text(column, word):
            raise UsageError(
                f"--{column}: no account has '{word}'", f"see: segcli show account-search --group-by {column}"
            )
    return either([text_atom(f"a.{column}", word, "text") for word in values.words])


MIN_TRIGRAM = 3


def search_clause(column: str, table: str, text: str) -> Clause:
    """Return the condition that the row's search text contains every word of the text; EVERYTHING for an empty text.

    Words of three letters or more use the trigram index; shorter words scan the search text.
    """
    clauses = []
    for word in fold(text).split():
        if len(word) >= MIN_TRIGRAM:
            index = f"{table}_search"
            clauses.append(
                Clause(f"{column} IN (SELECT rowid FROM {index} WHERE search_text GLOB ?)", (f"*{literal(word)}*",))
            )
        else:
            clauses.append(Clause(f"instr({column.partition('.')[0]}.search_text, ?) > 0", (word,)))
    return both(clauses)


def saved_clause(name: str, names: Names, seen: tuple[str, ...] = ()) -> Clause:
    """Return the condition of a saved selection. Raise UsageError if it refers to itself."""
    seen = (*names.seen, *seen)
    if key(name) in seen:
        raise UsageError(f"--selection: '{name}' refers to itself", f"by way of {' -> '.join(seen)}")
    inside = replace(names, is_stored=True, origin=f"selection {name}, --where")
    return compile_filters(read(names.saved(name)), inside, (*seen, key(name)))


def _where_clauses(filters: Filters, names: Names) -> Iterable[Clause]:
    if filters.where:
        from segcli.query.expressions import language

        yield from (language.compile_expression(text, names) for text in filters.where)
