"""SQL conditions with bound values, including those for lists of VALUES. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from segcli.domain.catalogue import Values, ends, kind_of, pattern, text_order

Kind = Literal["code", "text"]  # of a column: determines its sort order and its ranges


class Clause(NamedTuple):
    """An SQL condition and its bound values, in the order of its question marks."""

    sql: str
    values: tuple[Any, ...] = ()

    def negated(self) -> "Clause":
        """Return the negated condition."""
        return Clause(f"NOT ({self.sql})", self.values)


EVERYTHING = Clause("TRUE")
FEW = 50  # words with a condition of their own; a thousand would exceed the limits of SQLite


def named(clause: Clause, prefix: str) -> tuple[str, dict[str, Any]]:
    """Convert question marks to named parameters, so that the condition can be combined with named ones."""
    parts = clause.sql.split("?")
    names = [f"{prefix}_{index}" for index in range(len(parts) - 1)]
    sql = "".join(f"{part}:{name}" for part, name in zip(parts, names, strict=False)) + parts[-1]
    return sql, dict(zip(names, clause.values, strict=True))


def both(clauses: Iterable[Clause]) -> Clause:
    """Combine the conditions with AND."""
    parts = [clause for clause in clauses if clause is not EVERYTHING]
    if not parts:
        return EVERYTHING
    return Clause(" AND ".join(f"({p.sql})" for p in parts), tuple(v for p in parts for v in p.values))


def either(clauses: Sequence[Clause]) -> Clause:
    """Combine the conditions with OR; EVERYTHING if there are none."""
    if len(clauses) < 2:  # noqa: PLR2004 - a single clause needs no OR
        return clauses[0] if clauses else EVERYTHING
    return Clause(" OR ".join(f"({c.sql})" for c in clauses), tuple(v for c in clauses for v in c.values))


def combined(lists: Sequence[Values], clause: Callable[[Values], Clause]) -> Clause:
    """Combine the lists given for one flag: a match for any plain list and for no negated list."""
    wanted = either([clause(values) for values in lists if not values.is_negated])
    return both((wanted, *(clause(values).negated() for values in lists if values.is_negated)))


def any_of(column: str, words: Sequence[str]) -> Clause:
    """Return the condition that a column equals one of the words; many words are bound as one JSON list."""
    if len(words) <= FEW:
        return Clause(f"{column} IN ({', '.join('?' * len(words))})", tuple(words))
    import json

    return Clause(f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(words),))


def text_values(column: str, lists: Sequence[Values], kind: Kind = "code") -> Clause:
    """Return the condition that a column matches any plain list and no negated list."""
    return combined(lists, lambda values: _one_of(column, values, kind))


def _one_of(column: str, values: Values, kind: Kind) -> Clause:
    """Return the condition that a column matches one of the words; many plain words are bound as one list."""
    plain = list(plain_words([values]))
    if len(plain) <= FEW:
        return either([text_atom(column, word, kind) for word in values.words])
    listed = any_of(f"{column} COLLATE NOCASE", plain)
    known = Clause(f"coalesce({listed.sql}, FALSE)", listed.values)
    bound = set(plain)
    return either([known, *(text_atom(column, word, kind) for word in values.words if word not in bound)])


def plain_words(lists: Iterable[Values]) -> Iterable[str]:
    """Yield the plain words: no glob, prefix, range, none or any."""
    for values in lists:
        yield from (w for w in values.words if w.lower() not in {"none", "any"} and pattern(w, _no_order) is None)


def _no_order(_text: str) -> int:
    """Return a constant: whether a word is plain does not depend on the order."""
    return 0


def text_atom(name: str, word: str, kind: Kind = "text") -> Clause:
    """Return the condition for one word of VALUES: a case-insensitive text, a pattern, a range, none or any."""
    if word.lower() in {"none", "any"}:
        return Clause(f"{name} IS {'NOT ' * (word.lower() == 'any')}NULL")
    if word.lower().startswith("prefix:") or any(sign in word for sign in "*?["):
        pattern(word)  # checks it
        glob = f"{literal(word[7:].strip())}*" if word.lower().startswith("prefix:") else word
        return Clause(f"{name} IS NOT NULL AND lower({name}) GLOB ?", (glob.lower(),))
    if ".." in word:
        return _between(name, word, kind)
    return Clause(f"{name} IS NOT NULL AND {name} COLLATE NOCASE = ? COLLATE NOCASE", (word,))


def _between(name: str, word: str, kind: Kind) -> Clause:
    """Return the condition that a column is in a range A..C, in the sort order of tables."""
    pattern(word, text_order if kind == "text" else None)  # checks the ends
    low, high = ends(word)
    if kind == "text":
        return Clause(
            f"{name} IS NOT NULL AND {name} COLLATE NOCASE BETWEEN ? COLLATE NOCASE AND ? COLLATE NOCASE", (low, high)
        )
    both = kind_of(low, high)  # a range of numbers contains no words, and vice versa
    alike = "" if both is None else f" AND {name} {'NOT ' * both}GLOB '*[^0-9]*'"
    return Clause(
        f"{name} IS NOT NULL{alike} AND (length({name}), {name} COLLATE NOCASE) BETWEEN (?, ? COLLATE NOCASE) AND (?, ? COLLATE NOCASE)",
        (len(low), low, len(high), high),
    )


def as_number(condition: str) -> str:
    """Return the SQL that is 1 where a condition holds, else 0. Only SQLite adds up conditions themselves."""
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def number_where(condition: str) -> str:
    """Return the SQL of the number of rows of a group that fulfil a condition."""
    return f"sum({as_number(condition)})"


def code_terms(source: str) -> tuple[str, ...]:
    """Return the ORDER BY terms of a code column: shorter codes first (2 before 10), then case-insensitive."""
    return (f"length({source})", f"{source} COLLATE NOCASE", source)


def in_order(source: str) -> str:
    """Return the ORDER BY list of a code column."""
    return ", ".join(code_terms(source))


def literal(text: str) -> str:
    """Escape a text for use in a glob."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)


def quoted(text: str) -> str:
    """Return a text as a literal of SQL, for what cannot be a bound value."""
    return "'" + text.replace("'", "''") + "'"
