"""The classifications of several administrations as one set of fields, matched by label. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from segcli.base.text import key
from segcli.domain.catalogue import FIELDS
from segcli.lake.manifest import Administration


@dataclass(frozen=True, slots=True)
class Labels:
    """The merged labels by field, and how the fields of each administration map to them."""

    merged: Mapping[int, str]
    fields: Mapping[int, Mapping[int, int]]  # number of the administration -> its own field -> merged field, 0: none
    lacking: tuple[str, ...] = ()  # what is not the same everywhere, for people

    def column(self, field: int, number: str) -> str:
        """Return the SQL of the class of a merged field; `number` is the SQL of the administration's number."""
        cases = ""
        for one, found in self.fields.items():
            own = next((own for own, merged in found.items() if merged == field), None)
            if own != field:
                cases += f"WHEN {one} THEN {f'class{own}' if own else 'NULL'} "
        return f"CASE {number} {cases}ELSE class{field} END" if cases else f"class{field}"

    def number(self, own: str, number: str) -> str:
        """Return SQL for the merged field of an administration's own field. It is 0 if the own field has no merged one."""
        cases = ""
        for one, found in self.fields.items():
            moved = " ".join(f"WHEN {mine} THEN {merged}" for mine, merged in found.items() if mine != merged)
            cases += f"WHEN {one} THEN CASE {own} {moved} ELSE {own} END " if moved else ""
        return f"CASE {number} {cases}ELSE {own} END" if cases else own


def matched(chosen: Sequence[Administration]) -> Labels:
    """Return the labels of the administrations as one set: those of the first, then new ones of the others where there is room."""
    merged: dict[int, str] = {}
    fields: dict[int, dict[int, int]] = {}
    full: list[str] = []
    for one in chosen:
        known = {key(label): field for field, label in merged.items()}
        for own, label in sorted(one.labels.items()):
            field = known.get(key(label)) or _free(own, merged, one.labels)
            fields.setdefault(one.number, {})[own] = field
            if field:
                merged.setdefault(field, label)
            else:
                full.append(f"{label} of {one.key} has no field, since all 8 are taken")
    return Labels(dict(sorted(merged.items())), fields, (*full, *_partial(merged, fields, chosen)))


def _free(own: int, merged: Mapping[int, str], labels: Mapping[int, str]) -> int:
    """Return the field for a new label: its own number if that is free, else the first free one, else 0."""
    candidates = (own, *(n for n in FIELDS if n not in labels), *FIELDS)
    return next((n for n in candidates if n not in merged), 0)


def _partial(
    merged: Mapping[int, str], fields: Mapping[int, Mapping[int, int]], chosen: Iterable[Administration]
) -> list[str]:
    """Describe the labels that not every administration has."""
    found = []
    for field, label in merged.items():
        without = [one.key for one in chosen if field not in fields.get(one.number, {}).values()]
        if without:
            found.append(f"{label} is no label of {', '.join(without)}")
    return found
