"""Records: immutable values with named fields, declared like dataclasses but without the cost of declaring one.

`dataclasses` imports `inspect` and `ast`, and compiles the methods of every class: a fifth of a short command. A Record has
one set of methods for all classes. Type checkers treat both alike (PEP 681), and so does `dataclasses.replace`. Modules that every
command imports use records; others use dataclasses.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar, dataclass_transform

R = TypeVar("R", bound="Record")
T = TypeVar("T")


class _Made:
    """A default that is made anew for each record."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def made(*, default_factory: Callable[[], T]) -> T:
    """Return the default of a field that is made anew for each record, such as a list."""
    return _Made(default_factory)  # type: ignore[return-value]


class _Fields:
    """The fields as `dataclasses` describes them, for its `replace`; that module is imported when it asks, once per class."""

    def __init__(self) -> None:
        self.known: dict[type[Record], Mapping[str, Any]] = {}

    def __get__(self, _record: object, kind: "type[Record]") -> Mapping[str, Any]:
        if kind not in self.known:
            from dataclasses import fields, make_dataclass

            self.known[kind] = {field.name: field for field in fields(make_dataclass(kind.__name__, kind._fields))}
        return self.known[kind]


@dataclass_transform(frozen_default=True, field_specifiers=(made,))
class Record:
    """A value with the annotated names of its class as fields, in order; a class attribute is the default of its field.

    Records are equal if their types and fields are. Raise TypeError for missing, repeated or unknown fields.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _names: ClassVar[frozenset[str]] = frozenset()  # the same, as a set
    _defaults: ClassVar[Mapping[str, Any]] = {}
    _made: ClassVar[tuple[str, ...]] = ()  # the fields whose default is made anew for each record
    __dataclass_fields__: ClassVar[Any] = _Fields()

    def __init_subclass__(cls) -> None:
        """Collect the fields and their defaults; those of the base classes come first."""
        names = [name for name, kind in cls.__annotations__.items() if not str(kind).startswith("typing.ClassVar")]
        cls._fields = tuple(dict.fromkeys((*cls._fields, *names)))
        cls._names = frozenset(cls._fields)
        cls._defaults = {**cls._defaults, **{name: vars(cls)[name] for name in names if name in vars(cls)}}
        cls._made = tuple(name for name, value in cls._defaults.items() if isinstance(value, _Made))

    def __init__(self, *values: Any, **named: Any) -> None:  # noqa: ANN401 - each class declares the types
        fields, found = self._fields, self.__dict__
        found.update(self._defaults, **named)
        if values:
            found.update(zip(fields, values, strict=False))
            if len(values) > len(fields) or not named.keys().isdisjoint(fields[: len(values)]):
                raise TypeError(f"{type(self).__name__}: a field is given twice, or there are more values than fields")
        if found.keys() != self._names:
            wrong = ", ".join(sorted(found.keys() ^ self._names))
            raise TypeError(f"{type(self).__name__}: missing or unknown fields: {wrong}")
        for name in self._made:
            if isinstance(found[name], _Made):
                found[name] = found[name].make()

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse it: a record does not change."""
        raise AttributeError(f"{type(self).__name__}.{name} cannot be set: use replace")

    def __delattr__(self, name: str) -> None:
        """Refuse it: a record does not change."""
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        """Compare type and fields."""
        return type(self) is type(other) and self._cells() == other._cells()

    def __hash__(self) -> int:
        """Return the hash of the fields. Raise TypeError if one has none."""
        return hash(self._cells())

    def __repr__(self) -> str:
        """Return the record as it is written."""
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._fields)})"

    def _cells(self) -> tuple[Any, ...]:
        return tuple(self.__dict__[name] for name in self._fields)


def replace(record: R, **changes: Any) -> R:  # noqa: ANN401 - of any field
    """Return a copy with other values of some fields, as `dataclasses.replace` does."""
    return type(record)(**{**{name: getattr(record, name) for name in record._fields}, **changes})
