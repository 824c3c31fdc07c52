"""The eight classifications with their values, and the parsing of names and lists of VALUES. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from segcli.base.deferred import regex
from segcli.base.errors import SHOWN_PROBLEMS, UsageError
from segcli.base.spelling import close, meant
from segcli.base.text import key
from segcli.domain.units import administration_of

FIELDS = range(1, 9)
CLASSES = tuple(f"class{field}" for field in FIELDS)
FEW = 8  # short enough to list completely
_FIELD_NAME = regex(r"(?:class|classification|field)?[ _-]?(\d+)", re.ASCII | re.IGNORECASE)


class Value(NamedTuple):
    """A value of a classification."""

    id: int
    field: int
    code: str
    description: str
    is_retired: bool = False

    def __str__(self) -> str:
        """Return the value as shown in messages: N (North)."""
        return f"{self.code} ({self.description})" if self.description and self.description != self.code else self.code


class Values(NamedTuple):
    """A list of VALUES as typed: the words between the commas, and whether it starts with `not:`."""

    is_negated: bool
    words: tuple[str, ...]
    text: str


def parse_values(text: str, flag: str) -> Values:
    """Parse a VALUES argument. An empty argument or word is a UsageError."""
    is_negated = text.lower().startswith("not:")
    body = text[4:] if is_negated else text
    words = tuple(word.strip() for word in body.split(","))
    if "" in words:
        hint = (
            "an unset shell variable must not mean everything"
            if not body.strip()
            else "a comma stands at its end, or two together"
        )
        raise UsageError(f"{flag}: '{text}' holds an empty value", hint)
    return Values(is_negated, words, body.strip())


def nearest(word: str, known: Iterable[str], limit: int = 3, show: Callable[[str], str] = str) -> str:
    """Return a hint: all known words if there are few, else those that are close, else how many there are."""
    every = list(known)
    if not every:
        return ""
    if len(every) <= FEW:
        return f"there is: {', '.join(map(show, every))}"
    near = close(word, every, limit)
    if near:
        return f"did you mean {' or '.join(dict.fromkeys(map(show, near)))}?"
    return f"there are {len(every)}, such as {', '.join(map(show, every[:3]))}"


_Words = dict[str, list[Value]]


def _by_administration(values: Iterable[Value]) -> Iterable[list[Value]]:
    """Return the values of each administration; a database has one."""
    found: dict[int, list[Value]] = {}
    for value in values:
        found.setdefault(administration_of(value.id), []).append(value)
    return found.values()


class Catalogue:
    """The labels and values of a database, in order. The values of a field are read once, on first use."""

    def __init__(self, labels: Iterable[tuple[int, str]], read: Callable[[int], Iterable[Value]]) -> None:
        self.labels = dict(labels)
        self._read = read
        self._values: dict[int, Sequence[Value]] = {}
        self._words: dict[int, tuple[_Words, _Words]] = {}  # values by key of code and of description
        self._hints: dict[tuple[int, str], str] = {}  # hints for unknown words

    def values(self, field: int) -> Sequence[Value]:
        """Return the values of a field in order, including retired ones."""
        if field not in self._values:
            self._values[field] = tuple(self._read(field))
        return self._values[field]

    def label(self, field: int) -> str:
        """Return the field's label, or class3 without one."""
        return self.labels.get(field, f"class{field}")

    def labelled(self, name: str) -> int | None:
        """Return the field with this label, or None. An ambiguous label is a UsageError."""
        wanted = key(name)
        found = [pair for pair in self.labels.items() if key(pair[1]) == wanted]
        return next((field for field, _ in meant(name.strip(), found, lambda pair: pair[1], "classification")), None)

    def field(self, name: str) -> int:
        """Return the field named by class3, 3 or a label. An unknown name is a UsageError with the nearest labels."""
        text = name.strip()
        if text.lower() in CLASSES:  # a label cannot change what class3 and 3 mean
            return CLASSES.index(text.lower()) + 1
        match = _FIELD_NAME.fullmatch(text)
        number = int(match[1]) if match and int(match[1]) in FIELDS else None
        found = (number if text.isdigit() else None) or self.labelled(text) or number
        if found:
            return found
        if match:
            raise UsageError(f"'{name}': there is no class {match[1]}", "classes are class1 to class8")
        hint = nearest(text, self.labels.values()) or "name one with: segcli classification label 1 TEXT"
        raise UsageError(f"unknown classification '{name}'", hint)

    def find(self, field: int, word: str) -> Sequence[Value]:
        """Return the values with this code; without such values, those with exactly this description.

        Texts are compared by text.key. If several codes share a key, only the exact one matches; otherwise it is a UsageError.
        """
        if field not in self._words:
            codes: _Words = {}
            texts: _Words = {}
            for value in self.values(field):
                codes.setdefault(key(value.code), []).append(value)
                texts.setdefault(key(value.description), []).append(value)
            self._words[field] = codes, texts
        codes, texts = self._words[field]
        wanted = key(word)
        if wanted in codes:
            return [value for same in _by_administration(codes[wanted]) for value in self._meant(field, word, same)]
        return texts.get(wanted, [])

    def _meant(self, field: int, word: str, found: Sequence[Value]) -> Sequence[Value]:
        return meant(word, found, lambda value: value.code, self.label(field))

    def unknown(self, field: int, word: str) -> UsageError:
        """Return the error for an unknown value, with the nearest values.

        Only the first SHOWN_PROBLEMS words get a hint, because searching thousands of values is slow.
        """
        key = (field, word)
        if key not in self._hints:
            self._hints[key] = self._near(field, word) if len(self._hints) < SHOWN_PROBLEMS else ""
        where = f"{self.label(field)} (class{field})" if field in self.labels else f"class{field}"
        return UsageError(f"unknown value '{word}' for {where}", self._hints[key])

    def _near(self, field: int, word: str) -> str:
        values = self.values(field)
        if not values:
            return f"it has no values yet: segcli classification value add {field} CODE TEXT"
        if len(values) <= FEW:
            return f"there is: {', '.join(dict.fromkeys(map(str, values)))}"
        by_name = {name: value for value in reversed(values) for name in (value.description, value.code) if name}
        return nearest(word, by_name, show=lambda name: str(by_name[name]))

    def assignable(self, field: int, word: str) -> Value:
        """Return the value to assign to an account. An unknown, ambiguous or retired value is a UsageError."""
        found = self.find(field, word)
        if not found:
            raise self.unknown(field, word)
        if len(found) > 1:
            codes = ", ".join(value.code for value in found)
            raise UsageError(f"'{word}' is the description of several values of {self.label(field)}", f"say {codes}")
        if found[0].is_retired:
            raise UsageError(
                f"'{found[0].code}' of {self.label(field)} (class{field}) is retired: it stays where it is but is not given any more",
                nearest(word, (value.code for value in self.values(field) if not value.is_retired)),
            )
        return found[0]

    def matching(self, field: int, values: Values) -> tuple[set[int], bool]:
        """Return the value ids in a list of VALUES, and whether the list includes `none` (accounts without a value)."""
        whole = self.find(field, values.text)
        if whole:  # a description may contain a comma
            return {value.id for value in whole}, False
        ids: set[int] = set()
        with_none = False
        for word in values.words:
            if word.lower() == "none":
                with_none = True
            else:
                ids |= self._ids(field, word)
        return ids, with_none

    def _ids(self, field: int, word: str) -> set[int]:
        if word.lower() == "any":
            return {value.id for value in self.values(field)}
        found = self.find(field, word)
        test = None if found else pattern(word)
        if test:
            with_text = not is_range(word)  # ranges compare codes only, not descriptions
            found = [v for v in self.values(field) if test(v.code) or (with_text and test(v.description))]
        if not found:
            raise self.unknown(field, word)
        return {value.id for value in found}


def pattern(word: str, order: Callable[[str], Any] | None = None) -> Callable[[str], bool] | None:
    """Return the test for prefix:no, a glob or a range A..C; None for a plain word.

    `order` is the sort key for ranges, by default `code_order`.
    """
    if word.lower().startswith("prefix:"):
        start = key(word[7:])
        if not start:
            raise UsageError(f"'{word}': nothing follows prefix:")
        return lambda text: key(text).startswith(start)
    if any(sign in word for sign in "*?["):
        return _glob(word)
    return _range(word, order or code_order) if ".." in word else None


def is_range(word: str) -> bool:
    """Tell whether a word is a range A..C and not another pattern."""
    return ".." in word and not word.lower().startswith("prefix:") and not any(sign in word for sign in "*?[")


def _glob(word: str) -> Callable[[str], bool]:
    import fnmatch

    plain = key(word)
    closed = plain.rfind("]") + 1  # a [ after the last ] is a plain character; fnmatch would look for its end each time
    expression = re.compile(fnmatch.translate(plain[:closed] + plain[closed:].replace("[", "[[]")))
    return lambda text: bool(expression.match(key(text)))


def _range(word: str, order: Callable[[str], Any]) -> Callable[[str], bool]:
    low, high = ends(word)
    first, last = order(low), order(high)
    if first > last:
        raise UsageError(f"'{word}': the range runs backwards", f"write {high}..{low}")
    both = kind_of(low, high) if order is code_order else None
    return lambda text: bool(text) and first <= order(text) <= last and both in {None, is_number(text)}


def ends(word: str) -> tuple[str, str]:
    """Return the ends of a range. UsageError if one is missing."""
    low, _, high = (part.strip() for part in word.partition(".."))
    if not low or not high:
        raise UsageError(f"'{word}': a range has two ends, as in A..C")
    return low, high


def is_number(code: str) -> bool:
    """Tell whether a code consists of digits."""
    return code.isascii() and code.isdigit()


def kind_of(low: str, high: str) -> bool | None:
    """Return whether a range contains only numbers (True) or only words (False), like both its ends; None if they differ."""
    return is_number(low) if is_number(low) == is_number(high) else None


def code_order(code: str) -> tuple[int, str]:
    """Return the sort key of a code: shorter codes first, so that 99 comes before 100, then case-insensitive.

    Sorting of code columns in tables and ranges of codes in SQL follow the same rule (clause.py).
    """
    found = key(code)
    return len(found), found


def text_order(text: str) -> str:
    """Return the sort key of a text: alphabetical and ASCII case-insensitive, as tables sort it."""
    return "".join(c.lower() if c.isascii() else c for c in text)
