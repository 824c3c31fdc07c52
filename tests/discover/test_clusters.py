"""Clusters: equal to scikit-learn on the same values, the same whatever the order of rows, and placed without it."""

import importlib.metadata
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from conftest import Run, connected
from support import published

from segcli.base.errors import SegcliError
from segcli.discover.clusters import model_file as cluster_file
from segcli.domain.segments.clusters import Model, Scale, numbered
from segcli.interface.options import expressions

np = pytest.importorskip("numpy", reason="scikit-learn is not here: pip install 'segcli[discover]'")
pytest.importorskip("sklearn", reason="scikit-learn is not here: pip install 'segcli[discover]'")
DAY = date(2026, 6, 30)
CDNOW = {
    2: (2510.5588, 0.5892),
    3: (1756.1048, 0.5112),
    4: (1297.144, 0.4373),
    5: (1086.3468, 0.4047),
}  # inertia, silhouette
CDNOW_3 = [(322, 417.45), (603, 104.03), (1432, 32.78)]


def values_of(db: Path) -> tuple[list[str], list[tuple[float, int, int]]]:
    """Return codes, turnover, invoices and days since the last invoice, with plain SQL."""
    with connected(db) as plain:
        rows = plain.execute(
            """SELECT a.code, round(sum(i.base_revenue_amount) / 1e4), sum(i.total_amount >= 0), max(i.invoice_date) FILTER (WHERE i.total_amount >= 0)
                 FROM account AS a JOIN invoice AS i ON i.account_id = a.id WHERE i.kind = 'sales' AND i.status = 'processed'
                  AND i.invoice_date <= '2026-06-30' GROUP BY a.id HAVING max(i.total_amount) >= 0 ORDER BY a.code"""
        ).fetchall()
    codes = [row[0] for row in rows]
    return codes, [(row[1] / 100, row[2], (DAY - date.fromisoformat(row[3])).days) for row in rows]


@pytest.mark.repeats
def test_the_example_equals_scikit_learn(segcli: Run, example: Path) -> None:
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_samples, silhouette_score
    from sklearn.preprocessing import StandardScaler

    codes, values = values_of(example)
    data = np.array(values, dtype=float)
    for at in range(3):
        column = data[:, at]
        if (((column - column.mean()) / column.std()) ** 3).mean() > 1:
            data[:, at] = np.log1p(column)
    data = StandardScaler().fit_transform(data)
    means = KMeans(3, n_init=10, random_state=0).fit(data)
    number = {int(old): new for new, old in enumerate(np.argsort(-means.cluster_centers_[:, 0]), 1)}
    expected = {code: number[int(label)] for code, label in zip(codes, means.labels_, strict=True)}
    members = segcli("cluster", "--k", "3", "--members", "-f", "json").rows
    assert {row["account"]: row["cluster"] for row in members} == expected
    nearest = dict(zip(codes, means.transform(data).min(axis=1), strict=True))
    assert [row["distance"] for row in members] == pytest.approx([nearest[row["account"]] for row in members], abs=1e-4)
    shown = segcli("cluster", "--k", "3", "-f", "json").rows
    silhouettes = silhouette_samples(data, means.labels_)
    for row in shown:
        inside = [at for at, code in enumerate(codes) if expected[code] == row["cluster"]]
        assert row["accounts"] == len(inside)
        assert row["turnover"] == pytest.approx(np.mean([values[at][0] for at in inside]), abs=0.006)
        assert row["last_invoice_days"] == pytest.approx(np.mean([values[at][2] for at in inside]), abs=1e-4)
        assert row["silhouette"] == pytest.approx(silhouettes[inside].mean(), abs=1e-4)
    assert f"inertia {means.inertia_:.4f}" in segcli("cluster", "--k", "3", "-f", "table").out
    curve = segcli("cluster", "--curve", "-f", "json").rows
    assert [row["k"] for row in curve] == list(range(2, 11))
    for row in curve:
        tried = KMeans(row["k"], n_init=10, random_state=0).fit(data)
        assert row["inertia"] == pytest.approx(tried.inertia_, abs=1e-3)
        assert row["silhouette"] == pytest.approx(silhouette_score(data, tried.labels_), abs=1e-4)
    best = max(curve, key=lambda row: row["silhouette"])["k"]
    assert len(segcli("cluster", "-f", "json").rows) == best


def test_the_published_set_cdnow(segcli: Run, empty: Path) -> None:
    """2,357 customers, with pandas 3.0, scipy 1.17 and scikit-learn 1.9: log1p of amount and count, z-scores, 10 starts, seed 0."""
    published.import_purchases(segcli, published.cdnow("CDNOW_sample.txt"))
    curve = {row["k"]: row for row in segcli("cluster", "--curve", "--as-of", "1998-06-30", "-f", "json").rows}
    for k, (inertia, silhouette) in CDNOW.items():
        assert curve[k]["inertia"] == pytest.approx(inertia, abs=1e-3)
        assert curve[k]["silhouette"] == pytest.approx(silhouette, abs=1e-4)
    shown = segcli("cluster", "--k", "3", "--as-of", "1998-06-30", "-f", "json").rows
    assert [(row["accounts"], row["turnover"]) for row in shown] == CDNOW_3


def test_the_same_bytes_whatever_the_ids(segcli: Run, example: Path) -> None:
    words = ("cluster", "--k", "4", "--members", "-f", "csv")
    before = segcli(*words).out
    assert segcli(*words).out == before
    with connected(example) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        for table in ("invoice", "subscription", "contact", "outstanding_item"):
            db.execute(f"UPDATE {table} SET account_id = 100000 - account_id")
        db.execute("UPDATE account SET id = 100000 - id")
        db.execute("INSERT INTO account (id, code, name) VALUES (7, '0', 'Nobody')")  # buys nothing
        db.commit()
    assert segcli(*words).out == before


@pytest.mark.repeats
def test_one_thread_or_two(example: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "segcli",
        "--database",
        str(example),
        "cluster",
        "--members",
        "-f",
        "csv",
        "--as-of",
        str(DAY),
    ]
    out = [
        subprocess.run(words, env={**os.environ, "OMP_NUM_THREADS": n}, capture_output=True, check=True).stdout
        for n in "12"
    ]
    assert out[0] == out[1]
    assert out[0].count(b"\n") > 200


def test_what_is_left_out_is_told(segcli: Run, example: Path) -> None:
    codes, _ = values_of(example)
    out = segcli("cluster", "--k", "2", "-f", "table").out
    assert f"left out: {300 - len(codes)} of 300 accounts, without last_invoice of {300 - len(codes)}" in out
    with connected(example) as db:
        db.execute(
            "UPDATE invoice SET base_revenue_amount = NULL, exchange_rate = NULL, is_rate_stated = 0 WHERE invoice_number = '25000001'"
        )
        db.commit()
    done = segcli("cluster", "--k", "2", "--members", "-f", "json", "--quiet")
    assert (done.status, len(done.rows)) == (0, len(codes) - 1)
    assert "no exchange rate is known" in done.err
    assert segcli("cluster", "--k", "2", "--strict").status == 1


def test_no_label_hides_the_usual_metrics(segcli: Run, example: Path) -> None:
    usual = segcli("cluster", "--k", "3", "--members", "-f", "csv").out
    assert segcli("classification", "label", "class5", "Turnover").status == 0
    assert segcli("cluster", "--k", "3", "--members", "-f", "csv").out == usual
    done = segcli("cluster", "--k", "3", "--save", "model.json", "-f", "json")
    assert {"turnover", "invoices", "last_invoice_days"} <= done.rows[0].keys()
    assert segcli("cluster", "--assign", "model.json", "--members", "-f", "csv").out == usual


def test_equal_values_whose_mean_is_another_number_are_refused(segcli: Run, empty: Path) -> None:
    """The floats 0.1 + 0.1 + 0.1 give 0.30000000000000004, and a third of it is not 0.1."""
    lines = (f"C{n},2026-0{1 + n % 5}-01,0.10" for n in range(3))
    Path("sales.csv").write_text("customer,date,amount\n" + "".join(f"{line}\n" for line in lines))
    assert segcli("import", "sales.csv", "--as", "sale").status == 0
    done = segcli("cluster", "--k", "2", "--metrics", "turnover,last_invoice")
    assert (done.status, "all accounts have the same turnover" in done.err) == (1, True)
    assert segcli("cluster", "--k", "2", "--seed", "4294967296").status == 2


def test_saved_centres_place_accounts_on_another_day_without_the_package(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = segcli("cluster", "--k", "3", "--members", "--save", "model.json", "-f", "csv").out
    document = json.loads(Path("model.json").read_text())
    assert (document["as_of"], document["seed"], document["currency"]) == ("2026-06-30", 0, "EUR")
    assert document["scikit_learn"] == importlib.metadata.version("scikit-learn")
    assert [metric["metric"] for metric in document["metrics"]] == ["turnover", "invoices", "last_invoice"]
    for name in ("sklearn", "sklearn.cluster", "numpy"):
        monkeypatch.setitem(sys.modules, name, None)
    assert segcli("cluster", "--assign", "model.json", "--members", "-f", "csv").out == fitted
    later = segcli("cluster", "--assign", "model.json", "--members", "--as-of", "2026-09-30", "-f", "json").rows
    centres = document["centres"]
    codes, values = values_of(example)
    placed = {row["account"]: row["cluster"] for row in later}
    for code, (turnover, invoices, days) in zip(codes, values, strict=True):
        point = [
            ((np.log1p(value) if metric["log"] else value) - metric["mean"]) / metric["deviation"]
            for value, metric in zip((turnover, invoices, days + 92), document["metrics"], strict=True)
        ]
        assert placed[code] == 1 + int(np.argmin([np.linalg.norm(np.subtract(point, centre)) for centre in centres]))
    summary = segcli("cluster", "--assign", "model.json", "--country", "BE", "-f", "json").rows
    members = segcli("cluster", "--assign", "model.json", "--members", "--country", "BE", "-f", "json").rows
    assert sum(row["accounts"] for row in summary) == len(members) == 8
    assert "silhouette" not in summary[0]
    done = segcli("cluster", "--k", "2")
    assert (done.status, "pip install 'segcli[discover]'" in done.err) == (1, True)


def test_a_file_of_members_is_what_tag_reads(segcli: Run, example: Path) -> None:
    done = segcli("cluster", "--k", "3", "--members", "--into", "class8", "--names", "1=GOLD,3=SILVER", "-o", "c.csv")
    assert done.status == 0, done.err
    members = {row["account"]: row["cluster"] for row in segcli("cluster", "--k", "3", "--members", "-f", "json").rows}
    done = segcli("tag", "--from", "c.csv", "--yes")
    assert done.status == 0, done.err
    with connected(example) as db:
        stored = dict(
            db.execute("SELECT a.code, v.code FROM account AS a LEFT JOIN classification_value AS v ON v.id = a.class8")
        )
    for account, cluster in members.items():
        if cluster != 2:
            assert stored[account] == {1: "GOLD", 3: "SILVER"}[cluster]


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--metrics", "country"), 2, "country is not a number"),
        (("--metrics", "turnovr"), 2, "no such field"),
        (("--metrics", "turnover,turnover"), 2, "different metrics"),
        (("--metrics", "turnover,"), 2, "holds an empty name"),
        (("--k", "1"), 2, "--k: 1 is no number of clusters"),
        (("--k", "500"), 1, "too few for 500 clusters\n  select more accounts, or say a smaller --k"),
        (("--metrics", "is_supplier", "--k", "3"), 1, "there are only 2 different accounts"),
        (("--metrics", "turnover", "--account", "000001,000004"), 1, "too few for clusters"),
        (("--metrics", "quantity(1d),invoices"), 1, "all accounts have the same quantity(1d)"),
        (("--curve", "--k", "3"), 2, "--curve shows how k is chosen"),
        (("--members", "--into", "class8"), 2, "go together"),
        (("--members", "--into", "class8", "--names", "4=GOLD", "--k", "3"), 2, "the clusters are 1 to 3"),
        (("--members", "--into", "class8", "--names", "1=GOLD,1=SILVER", "--k", "3"), 2, "named twice"),
        (("--members", "--into", "class8", "--names", "1=GOLF", "--k", "3"), 2, "GOLF"),
        (("--members", "--chart", "-f", "table"), 2, "--chart draws clusters"),
        (("--assign", "m.json", "--k", "3"), 2, "--k belongs to a fit"),
        (("--assign", "none.json"), 1, "none.json"),
    ],
)
def test_wrong_words_are_refused(segcli: Run, example: Path, words: tuple[str, ...], status: int, told: str) -> None:
    done = segcli("cluster", *words)
    assert (done.status, told in done.err) == (status, True), done.err


@pytest.mark.parametrize(
    "change",
    [
        {"segcli_clusters": 2},
        {"metrics": []},
        {"metrics": [{"metric": "turnover", "log": False, "mean": 1, "deviation": 0}]},
        {"metrics": [{"metric": "turnover", "log": 1, "mean": 1, "deviation": 1}]},
        {"centres": [[1, 2]]},
        {"centres": [["1"]]},
        {"centres": [[float("nan")]]},
        {"centres": [[10**400], [1]]},
        {"currency": None},
    ],
)
def test_a_damaged_model_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    model = Model((Scale(is_log=True, mean=2.0, deviation=0.5),), ((1.0,), (-1.0,)))
    path = tmp_path / "m.json"
    path.write_text(cluster_file.text(("turnover",), model, {"currency": "EUR", "as_of": "2026-06-30"}))
    assert cluster_file.read(path) == (("turnover",), "EUR", model, "2026-06-30")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(SegcliError, match=r"m\.json"):
        cluster_file.read(path)
    path.write_text("{")
    with pytest.raises(SegcliError, match="not JSON"):
        cluster_file.read(path)


def test_centres_out_of_reach_are_refused(segcli: Run, example: Path) -> None:
    """With a deviation of almost 0 all centres are endlessly far: none is the nearest."""
    assert segcli("cluster", "--k", "2", "--save", "model.json").status == 0
    document = json.loads(Path("model.json").read_text())
    document["metrics"][0]["deviation"] = 5e-324
    Path("model.json").write_text(json.dumps(document))
    done = segcli("cluster", "--assign", "model.json")
    assert (done.status, "too far" in done.err, done.out) == (1, True, "")


def test_lists_of_metrics_and_numbers_of_clusters() -> None:
    assert expressions(("turnover(24m, 12m), invoices(12m where item = 'a,b'),mrr",), "--metrics") == (
        "turnover(24m, 12m)",
        "invoices(12m where item = 'a,b')",
        "mrr",
    )
    assert numbered([(0.5, 1.0), (2.0, 0.0), (0.5, 3.0)]) == [1, 2, 0]
    model = Model(
        (Scale(is_log=True, mean=0.0, deviation=2.0), Scale(is_log=False, mean=10.0, deviation=5.0)),
        ((0.0, 0.0), (1.0, 1.0)),
    )
    number, distance = model.place((np.e**2 - 1, 15))  # (log(e**2) / 2, 5 / 5)
    assert (number, distance) == (2, pytest.approx(0, abs=1e-12))
    assert model.place((1 - np.e**2, 10)) == (1, pytest.approx(1))  # a negative amount: -log(e**2) / 2
