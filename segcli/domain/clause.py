"""Conditions of SQL with their bound values, and those that lists of VALUES stand for. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from segcli.domain.catalogue import Values, ends, kind_of, pattern, text_order

Kind = Literal["code", "text"]  # of a column: by which order it is sorted, and its ranges are read


class Clause(NamedTuple):
    """A condition and the values bound in it, in the order of its question marks."""

    sql: str
    values: tuple[Any, ...] = ()

    def negated(self) -> "Clause":
        """Return the condition that holds exactly where this one does not."""
        return Clause(f"NOT ({self.sql})", self.values)


EVERYTHING = Clause("1")
FEW = 50  # words that each have a condition of their own; a thousand would be more than SQLite takes


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


def combined(lists: Sequence[Values], clause: Callable[[Values], Clause]) -> Clause:
    """Join what was given for one flag: one of the plain lists, and none of the negated ones."""
    wanted = either([clause(values) for values in lists if not values.is_negated])
    return both((wanted, *(clause(values).negated() for values in lists if values.is_negated)))


def any_of(column: str, words: Sequence[str]) -> Clause:
    """Return the condition that a column is one of the words to the letter; many are bound together as a list."""
    if len(words) <= FEW:
        return Clause(f"{column} IN ({', '.join('?' * len(words))})", tuple(words))
    import json

    return Clause(f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(words),))


def text_values(column: str, lists: Sequence[Values], kind: Kind = "code") -> Clause:
    """Return the condition that a column of codes or texts is one of the plain lists and none of the negated ones."""
    return combined(lists, lambda values: _one_of(column, values, kind))


def _one_of(column: str, values: Values, kind: Kind) -> Clause:
    """Return the condition that a column is one of the words; many plain ones are bound together as a list."""
    plain = list(plain_words([values]))
    if len(plain) <= FEW:
        return either([text_atom(column, word, kind) for word in values.words])
    listed = any_of(f"{column} COLLATE NOCASE", plain)
    known = Clause(f"coalesce({listed.sql}, 0)", listed.values)
    bound = set(plain)
    return either([known, *(text_atom(column, word, kind) for word in values.words if word not in bound)])


def plain_words(lists: Iterable[Values]) -> Iterable[str]:
    """Yield the words that must be there to the letter: no glob, prefix, range, none or any."""
    for values in lists:
        yield from (w for w in values.words if w.lower() not in {"none", "any"} and pattern(w, _no_order) is None)


def _no_order(_text: str) -> int:
    """Return the same for every text: which words are plain does not depend on the order."""
    return 0


def text_atom(name: str, word: str, kind: Kind = "text") -> Clause:
    """Return the condition that a column is a word of VALUES: a text in any case, a pattern, a range, none or any."""
    if word.lower() in {"none", "any"}:
        return Clause(f"{name} IS {'NOT ' * (word.lower() == 'any')}NULL")
    if word.lower().startswith("prefix:") or any(sign in word for sign in "*?["):
        pattern(word)  # checks it
        glob = f"{literal(word[7:].strip())}*" if word.lower().startswith("prefix:") else word
        return Clause(f"{name} IS NOT NULL AND lower({name}) GLOB ?", (glob.lower(),))
    if ".." in word:
        return _between(name, word, kind)
    return Clause(f"{name} IS NOT NULL AND {name} = ? COLLATE NOCASE", (word,))


def _between(name: str, word: str, kind: Kind) -> Clause:
    """Return the condition that a column lies in a range A..C, by the order in which tables sort it."""
    pattern(word, text_order if kind == "text" else None)  # checks the ends
    low, high = ends(word)
    if kind == "text":
        return Clause(f"{name} IS NOT NULL AND {name} COLLATE NOCASE BETWEEN ? AND ?", (low, high))
    both = kind_of(low, high)  # between two numbers are no words, and the other way round
    alike = "" if both is None else f" AND {name} {'NOT ' * both}GLOB '*[^0-9]*'"
    return Clause(
        f"{name} IS NOT NULL{alike} AND (length({name}), {name} COLLATE NOCASE) BETWEEN (?, ?) AND (?, ?)",
        (len(low), low, len(high), high),
    )


def code_terms(source: str) -> tuple[str, ...]:
    """Return what a column of codes is sorted by: the shorter first (2 before 10), then without case."""
    return (f"length({source})", f"{source} COLLATE NOCASE", source)


def in_order(source: str) -> str:
    """Return the ORDER BY of a column of codes."""
    return ", ".join(code_terms(source))


def literal(text: str) -> str:
    """Return a glob that matches the text itself."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)
