"""Values of scores in --where and rules: a value that a score never has is an error, as it is for a country."""

from pathlib import Path

import pytest
from conftest import Run

from segcli.domain.scoring import abc, growth, lifecycle
from segcli.domain.scoring.columns import SCORES

VALUES = {
    "abc": {"A", "B", "C", abc.WITHOUT},
    "growth_class": set(growth.CLASSES),
    "lifecycle": set(lifecycle.CLASSES),
    "churn": {"active", "at risk", "lost"},
    "churn_by_rhythm": {"active", "at risk", "lost"},
    "rfm": {f"{r}{f}{m}" for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)},
}


def test_the_values_of_scores_are_those_that_studies_give() -> None:
    assert {name: set(score.values) for name, score in SCORES.items() if score.values} == VALUES
    assert {name for name, score in SCORES.items() if score.kind == "text"} == {*VALUES, "rfm_segment"}


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("churn = atrisk", "churn is never 'atrisk'"),
        ("not lifecycle = gone", "there is: new, active, sleeping, returned, lost"),
        ("abc(6m) in (A, B, C, D)", "abc is never 'D'"),
        ("growth_class != grow", "did you mean growth?"),
        ("rfm(r) = 556", "rfm is never '556'"),
        ("rfm_segment = chempions", "did you mean champions?"),
    ],
)
def test_a_value_that_a_score_never_has_is_an_error(segcli: Run, example: Path, expression: str, told: str) -> None:
    assert example.exists()
    done = segcli("show", "account-search", "--where", expression)
    assert (done.status, told in done.err, done.out) == (2, True, "")


def test_segments_are_those_of_the_configuration(segcli: Run, example: Path) -> None:
    assert example.exists()
    assert segcli("selection", "save", "old", "--where", "rfm_segment = champions").status == 0
    Path("own.yaml").write_text("rfm:\n  segments: [{name: best, recency: 4-5}]\n  rest: others\n", encoding="utf-8")
    own = ("--config", "own.yaml", "where", "explain")
    assert segcli(*own, "rfm_segment = Best or rfm_segment = others").status == 0
    done = segcli(*own, "rfm_segment = champions")
    assert (done.status, "there is: best, others" in done.err) == (2, True)
    done = segcli("--config", "own.yaml", "show", "account-search", "--selection", "old", "-f", "csv")
    assert (done.status, done.out.count("\n")) == (0, 1)
    assert "selection old, --where: rfm_segment is never 'champions'; there is: best, others" in done.err
