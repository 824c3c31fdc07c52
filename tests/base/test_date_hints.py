"""The hint of a date in another order: the same day as ISO where its order is certain, else an example."""

import pytest

from segcli.base import dates
from segcli.base.errors import UsageError


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("30-06-2026", "2026-06-30"),
        ("30/6/2026", "2026-06-30"),
        ("6/30/2026", "2026-06-30"),
        ("5.5.2026", "2026-05-05"),
        ("05-06-2026", "2026-03-31"),  # the fifth of June or the sixth of May
        ("31-06-2026", "2026-03-31"),  # no such day
        ("30-13-2026", "2026-03-31"),
        ("31 March", "2026-03-31"),
    ],
)
def test_the_hint_of_a_date_in_another_order(text: str, written: str) -> None:
    with pytest.raises(UsageError) as caught:
        dates.parse(text, "--as-of")
    assert caught.value.message == f"--as-of: '{text}' is not a date"
    assert caught.value.hint == f"write it as {written}"
