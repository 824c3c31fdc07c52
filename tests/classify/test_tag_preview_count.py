"""The preview of `segcli tag` states its count once."""

import pytest

from segcli.commands import tag


def test_the_count_is_a_note_and_no_caption(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table has no caption of its own; the notes state each transition and then the count, once."""
    tables: list[tuple[object, ...]] = []
    notes: list[str] = []

    class Terminal:
        note = staticmethod(notes.append)

    monkeypatch.setattr(tag.reclassify, "table", lambda *given: tables.append(given))
    monkeypatch.setattr(tag.reclassify, "transitions", lambda *_: ["Region: (none) -> C: 46"])
    monkeypatch.setattr(tag.changes, "write_table", lambda *_, **__: None)
    tag._show(Terminal(), {}, "db", "catalogue", "46 of 46 accounts would change")  # type: ignore[arg-type]
    assert tables == [("db", "catalogue")]
    assert notes == ["Region: (none) -> C: 46", "46 of 46 accounts would change"]
