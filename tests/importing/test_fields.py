"""The fields of every kind: each one says what it holds."""

import pytest

from segcli.importing.kinds.machinery import kind_definition

LONGEST = 90


@pytest.mark.parametrize("kind", kind_definition.names())
def test_every_field_says_what_it_holds(kind: str) -> None:
    for field in kind_definition.find(kind).fields:
        assert field.about == field.about.strip() != "", field.name
        assert not field.about.endswith("."), field.name
        assert len(field.about) <= LONGEST, field.name
        assert field.about[0].isupper() or field.about.split()[0].strip(",:;").islower(), field.name


@pytest.mark.parametrize("kind", kind_definition.names())
def test_no_two_fields_of_a_kind_say_the_same(kind: str) -> None:
    texts = [field.about for field in kind_definition.find(kind).fields]
    assert len(set(texts)) == len(texts)
