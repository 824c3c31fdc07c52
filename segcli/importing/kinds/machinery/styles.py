"""The file's style of numbers and dates: as its values prove or as the user says, never a guess."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from segcli.base import money
from segcli.base.errors import Problem, SegcliError
from segcli.importing.kinds.machinery import conversion
from segcli.importing.kinds.machinery.kind_definition import ColumnMap

MOST_EXAMPLES = 3
_DAY = re.compile(r"(\d{1,2})[-/.]\d{1,2}[-/.]\d{4}", re.ASCII)


@dataclass(slots=True)
class _Question:
    """An open question of style: the columns that can prove the answer, and the question if none does."""

    places: Sequence[tuple[int, str]]  # index and field of the columns concerned
    proof: Callable[[str], str | None]  # the style a text proves; '' if ambiguous, None if it proves nothing
    answer: str
    ask: str
    examples: list[Problem] = field(default_factory=list)
    proven_by: str = ""  # the text that gave the answer

    def look(self, file: str, place: object, cells: Sequence[str | None]) -> None:
        """Let a row's cells answer the question; collect ambiguous cells as examples."""
        for at, name in self.places:
            text = (cells[at] or "").strip()
            proven = self.proof(text) if text else None
            if proven:
                self.answer, self.proven_by = proven, text
                return
            if proven == "" and len(self.examples) < MOST_EXAMPLES:
                line = place if isinstance(place, int | str) else None
                self.examples.append(Problem(file, line, name, text, self.ask.format(*_readings(text))))


def _readings(text: str) -> tuple[str, str]:
    """Return both readings of an ambiguous number or date."""
    day = _DAY.match(text)
    if day:
        return f"day {day[1]}", f"month {day[1]}"
    plain = text.replace(".", "").replace(",", "")
    return plain, text.replace(",", ".")


def decide(
    file: str, rows: Callable[[], Iterable[object]], mapping: ColumnMap, decimal: str, dates: str
) -> conversion.Style:
    """Return the style of a file's rows, read until both questions are answered or the rows end.

    Raises SegcliError with examples if all values are ambiguous (1.234, 03-04-2026).
    """
    questions = [
        _question(mapping, ("money", "base_money", "decimal", "exact"), money.decimal_sign, decimal, "{0} or {1}?"),
        _question(mapping, ("date",), conversion.dates_of, dates, "is it {0} or {1}?"),
    ]
    if any(not question.answer and question.places for question in questions):
        _read(file, rows(), questions)
    for question, flag in zip(questions, ("--decimal , or --decimal .", "--dates dmy or --dates mdy"), strict=True):
        if not question.answer and question.examples:
            raise SegcliError(f"{file}: this can be read in two ways", f"say which: {flag}", question.examples)
    order = questions[1].answer or "iso"
    return conversion.Style(
        questions[0].answer or ".", order, questions[1].proven_by if order in {"dmy", "mdy"} else ""
    )


def _question(
    mapping: ColumnMap, types: Sequence[str], proof: Callable[[str], str | None], answer: str, ask: str
) -> _Question:
    wanted = {f.name for f in mapping.kind.fields if f.type in types}
    return _Question([(at, name) for name, at in mapping.places.items() if name in wanted], proof, answer, ask)


def _read(file: str, rows: Iterable[object], questions: Sequence[_Question]) -> None:
    for row in rows:
        open_ = [question for question in questions if question.places and not question.answer]
        if not open_:
            return
        if type(row) is tuple:  # others are bad rows
            for question in open_:
                question.look(file, *row)
