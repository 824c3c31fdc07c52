"""Records behave as frozen dataclasses do."""

import dataclasses

import pytest

from segcli.base.record import Record, made, replace


class Point(Record):
    """A record."""

    x: int
    y: int = 0
    names: list[str] = made(default_factory=list)


class Named(Point):
    """A record with one field more."""

    name: str = ""


@dataclasses.dataclass(frozen=True)
class Twin:
    """The same as a dataclass."""

    x: int
    y: int = 0
    names: list[str] = dataclasses.field(default_factory=list)


def test_a_record_has_the_fields_of_its_class_and_of_those_above() -> None:
    assert (Point(1).x, Point(1).y, Point(1).names) == (1, 0, [])
    assert repr(Point(1, y=2)) == repr(Twin(1, y=2)).replace("Twin", "Point") == "Point(x=1, y=2, names=[])"
    assert Named(1, name="a") == Named(1, 0, [], "a") != Named(1)
    assert Point(1) != Twin(1)
    assert Point(1).names is not Point(1).names


def test_records_are_equal_by_type_and_fields() -> None:
    assert Point(1) == Point(1, 0, []) != Point(2)
    assert Point(1) != Named(1)
    assert hash(Point(1, 2, ())) == hash(Point(1, 2, ()))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        hash(Point(1))


@pytest.mark.parametrize("kind", [Point, Twin])
def test_wrong_fields_are_refused(kind: type) -> None:
    for values, named in (((), {}), ((1, 2, [], 4), {}), ((1,), {"x": 2}), ((1,), {"z": 2})):
        with pytest.raises(TypeError):
            kind(*values, **named)


@pytest.mark.parametrize("kind", [Point, Twin])
def test_it_does_not_change(kind: type) -> None:
    found = kind(1)
    with pytest.raises(AttributeError):
        found.x = 2
    with pytest.raises(AttributeError):
        del found.x
    assert found.x == 1


@pytest.mark.parametrize("change", [replace, dataclasses.replace])
def test_a_copy_with_other_values(change: object) -> None:
    first = Point(1, 2, ["a"])
    second = change(first, x=5)  # type: ignore[operator]
    assert (second.x, second.y, first.x) == (5, 2, 1)
    assert second.names is first.names
    with pytest.raises(TypeError):
        change(first, z=1)  # type: ignore[operator]


def test_dataclasses_describes_a_record_class_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dataclasses.replace(Point(1, y=2), y=3) == Point(1, y=3)
    monkeypatch.delattr(dataclasses, "make_dataclass")  # which compiles a class: 2 ms each time
    assert dataclasses.replace(Point(4, y=2), y=5) == Point(4, y=5)
