"""Tab-separated values: what cut, awk and read get, and what comes back; files of other programs keep their quotes."""

import csv
import io
import subprocess
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import fuzzing
import hostile
import pytest
from conftest import Run, connected
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from segcli.base import escaping
from segcli.domain.table import Column, Table
from segcli.importing import readers
from segcli.output.render import Style, renderer

ESCAPES = [("a\tb", "a\\tb"), ("a\nb", "a\\nb"), ("a\rb", "a\\rb"), ("a\\b", "a\\\\b"), ("\\t", "\\\\t"), ("\x1b[1m", "\\x1b[1m"),
           ('Bakkerij "De Hoek"', 'Bakkerij "De Hoek"'), ('"De Hoek', '"De Hoek'), ('"A" en "B"', '"A" en "B"'), ('"', '"'),
           ('"De Hoek"', '\\x22De Hoek"'), ("=1", "=1"), ("'=1", "'=1"), ("é\xa0株", "é\xa0株")]  # fmt: skip
_TEXT = st.one_of(
    st.sampled_from(hostile.TEXTS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.text(alphabet='"""\\\\\t\r\n \'=tnrx1b25c', max_size=8),
)


def _drawn(rows: Sequence[Sequence[str]], **style: bool) -> str:
    columns = tuple(Column(f"c{number}") for number in range(len(rows[0])))
    file = io.StringIO()
    renderer("tsv")(Table("T", columns, rows), file, Style(**style))
    return file.getvalue()


def _read(path: Path) -> list[list[str | None]]:
    return [list(row[1]) for block in readers.read(readers.open_source(str(path))) for row in block.rows]  # type: ignore[index]


@pytest.mark.parametrize(("text", "cell"), ESCAPES)
def test_a_cell_has_escapes_and_no_quotes(text: str, cell: str) -> None:
    assert escaping.tabbed(text) == cell
    assert escaping.untabbed(cell) == text
    assert _drawn([(text, "x")], with_header=False) == f"{cell}\tx\n"


@pytest.mark.parametrize("text", hostile.TEXTS)
def test_a_hostile_text_is_one_field_of_one_line(text: str) -> None:
    line = _drawn([("1", text, "2")], with_header=False)
    fields = line.removesuffix("\n").split("\t")
    assert (len(fields), fields[0], fields[2], line.count("\n"), line.count("\r")) == (3, "1", "2", 1, 0)
    assert hostile.CONTROLS.search(fields[1]) is None
    cut = subprocess.run(["cut", "-f2"], input=line, capture_output=True, text=True, check=True).stdout
    assert escaping.untabbed(cut.removesuffix("\n")) == text


@settings(
    max_examples=20 * fuzzing.POINTS,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    derandomize=True,
)
@given(st.lists(st.tuples(_TEXT, _TEXT, _TEXT), min_size=1, max_size=6))
@example([('"a', 'b"', "")])
@example([('"', '"', '""')])
@example(list(product(hostile.TEXTS, hostile.TEXTS, hostile.TEXTS))[::50])
def test_what_is_written_is_read_back(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(_drawn(rows).encode())
    wanted = [
        list(row) for row in rows if any(cell.strip() for cell in map(escaping.tabbed, row))
    ]  # blank rows are passed over
    assert _read(path) == wanted


def test_the_column_names_are_cells_too(tmp_path: Path) -> None:
    file = io.StringIO()
    names = ('"a"', "b\\c", "d\te")
    renderer("tsv")(Table("T", tuple(map(Column, names)), [("1", "2", "3")]), file, Style())
    (tmp_path / "a.tsv").write_text(file.getvalue())
    (block,) = readers.read(readers.open_source(str(tmp_path / "a.tsv")))
    assert block.header == names


def test_a_file_comes_back_to_the_byte(segcli: Run, tmp_path: Path) -> None:
    with (tmp_path / "in.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("account", "name", "city"))
        for number, text in enumerate((*hostile.TEXTS, *(text.strip() for text, _ in ESCAPES)), 100):
            writer.writerow((number, f"x{text}".replace("\0", ""), escaping.guarded(escaping.written(text))))
    outs = []
    for name, source in (("one", "in.csv"), ("two", "one.tsv")):
        assert segcli("init", "-d", f"{name}.db").status == 0
        assert segcli("import", source, "-d", f"{name}.db", "--as", "account").status == 0
        shown = ("show", "account-search", "-d", f"{name}.db", "--columns", "account,name,city")
        assert segcli(*shown, "-o", f"{name}.tsv").status == 0
        outs.append(Path(f"{name}.tsv").read_bytes())
        assert segcli(*shown).out.encode() == outs[-1]
    assert outs[0] == outs[1]
    assert b'\t"De Hoek\n' in outs[0]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('"account"\t"name"\n"1"\t"De Hoek"\n', "De Hoek"),  # all quoted
        ('account\tname\n1\t"Bakkerij ""De Hoek"""\n', 'Bakkerij "De Hoek"'),  # as Excel does it
        ('account\tname\n1\t"two\nlines"\n', "two\nlines"),
        ('account\tname\n1\t"one\ttab"\n', "one\ttab"),
        ('account\tname\n2\tOther\n1\t"De Hoek"\n', "De Hoek"),
        ('account\tname\n1\t"C:\\new"\n', "C:\\new"),  # in a quoted file a backslash is a character
        ("account\tname\n1\tD:\\data\n", "D:\\data"),  # \d is no escape
        ("account\tname\n1\tD:\\data\\new\n", "D:\\data\\new"),
        ('account\tname\n1\t19" rack\n', '19" rack'),
        ('account\tname\n1\t"A" en "B"\n', '"A" en "B"'),
        ("account\tname\n1\ttwo\\nlines\n", "two\nlines"),  # as Postgres and MySQL write it
        ('sep=\t\naccount\tname\n1\t"De ""x"""\n', 'De "x"'),
        ('Accounts\n\naccount\tname\n1\t"De ""x"""\n', 'De "x"'),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_of_other_programs(segcli: Run, empty: Path, text: str, name: str, end: str) -> None:
    Path("a.tsv").write_bytes(text.replace("\n", end).encode())
    done = segcli("import", "a.tsv")
    assert (done.status, done.err) == (0, "")
    with connected(empty) as db:
        found = db.execute("SELECT name FROM account WHERE code = '1'").fetchone()[0]
    assert found.replace("\r\n", "\n") == name


def test_one_column_with_commas(segcli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("name\na,b\nc;d\n")
    assert _read(tmp_path / "a.tsv") == [["a,b"], ["c;d"]]


def test_rejected_rows_have_the_text_not_the_escape(segcli: Run, empty: Path) -> None:
    Path("a.tsv").write_text("account\tname\tis_sales\n1\tone\\ttab\tmaybe\n2\tone\\ttab\n")
    assert segcli("import", "a.tsv", "--on-error", "skip", "--rejects", "r.csv").status == 1
    rows = list(csv.DictReader(io.StringIO(Path("r.csv").read_text())))
    assert [row["name"] for row in rows] == ["one\ttab", "one\ttab"]
