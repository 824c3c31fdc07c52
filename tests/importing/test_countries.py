"""Names of countries become ISO 3166-1 alpha-2 codes, in four languages; numbers marked as text lose their mark."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run
from import_case import accounts, bring

from segcli.domain import countries

NAMES = {
    "NL": "Nederland NL nl Netherlands Holland Niederlande Pays-Bas NLD The_Netherlands NEDERLAND nederland Hollande",
    "GB": "UK uk U.K. England Scotland Wales Northern_Ireland Great_Britain Verenigd_Koninkrijk Royaume-Uni GBR Schottland "
    "Vereinigtes_Königreich Groot-Brittannië Engeland Écosse",
    "US": "U.S.A. USA United_States United_States_of_America Verenigde_Staten Vereinigte_Staaten États-Unis Etats-Unis VS",
    "BE": "België Belgie Belgique Belgien Belgium BEL BELGIË",
    "DE": "Deutschland Duitsland Allemagne Germany DEU Federal_Republic_of_Germany",
    "FR": "Frankrijk Frankreich France FRA",
    "AT": "Österreich Osterreich Oostenrijk Autriche Austria",
    "CH": "Schweiz Zwitserland Suisse Switzerland CHE",
    "TR": "Türkiye Turkey Turkije Türkei Turquie",
    "CZ": "Czechia Czech_Republic Tsjechië Tschechien Tchéquie",
    "GR": "EL Greece Griekenland Griechenland Grèce",
    "IR": "Iran,_Islamic_Republic_of",
    "NE": "Niger", "NG": "Nigeria", "DM": "Dominica", "DO": "Dominican_Republic", "GN": "Guinea", "GW": "Guinea-Bissau",
    "IE": "Ireland Ierland Irland Irlande Éire Republic_of_Ireland",
}  # fmt: skip


@pytest.mark.parametrize("code", NAMES)
def test_names_and_codes_of_a_country(code: str) -> None:
    found = {name: countries.code(name.replace("_", " ")) for name in NAMES[code].split()}
    assert found == dict.fromkeys(found, code)


@pytest.mark.parametrize(
    "name", ["Atlantis", "Congo", "Korea", "Europe", "World", "Utrecht", "N.V.", "--", "Nederlandse"]
)
def test_what_is_not_known_stays_as_it_is(name: str) -> None:
    assert countries.code(name) == (name.upper() if len(name) == 2 else name)


def test_every_country_of_the_standard_by_its_three_letters_and_short_name() -> None:
    """The package pycountry has the standard's own list, from another source (Debian's iso-codes)."""
    standard = pytest.importorskip("pycountry").countries
    assert [one.alpha_3 for one in standard if countries.code(one.alpha_3) != one.alpha_2] == []
    plain = [one for one in standard if "(" not in one.name and "," not in one.name]
    other = {one.name: countries.code(one.name) for one in plain if countries.code(one.name) != one.alpha_2}
    wrong = {name: code for name, code in other.items() if code != name}
    assert wrong == {}
    assert len(other) <= 7, other


def test_countries_of_a_file(segcli: Run, empty: Path) -> None:
    rows = ["C1,A,Nederland", "C2,B,NL", "C3,C,Netherlands", "C4,D,nl", "C5,E,Atlantis", "C6,F,zz", "C7,G,"]
    bring(segcli, "\n".join(["account,name,country", *rows, ""]))
    assert [row[1] for row in accounts(segcli, "account,country")] == ["NL", "NL", "NL", "NL", "Atlantis", "ZZ", None]


def test_codes_do_without_the_names() -> None:
    code = (
        "import sys; from segcli.importing.kinds.machinery.conversion import to_country as c; "
        "print(c('NL'), c('de'), 'babel' in sys.modules, c('Belgique'), 'babel' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["NL", "DE", "False", "BE", "True"]


# ------------------------------------------------------------------------------------- numbers marked as text
MARKED = {"'+31612345678": "+31612345678", "'0612345678": "0612345678", "+31612345678": "+31612345678", "'70s": "'70s"}


@pytest.mark.parametrize("text", MARKED)
def test_a_phone_number_keeps_its_plus_and_loses_its_apostrophe(segcli: Run, empty: Path, text: str) -> None:
    bring(segcli, f"account,name,phone,postcode\nC1,A,{text},'88301\n")
    assert accounts(segcli, "phone,postcode") == [[MARKED[text], "88301"]]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "tsv", "json"])
def test_what_is_exported_comes_back_as_it_was(segcli: Run, empty: Path, ending: str) -> None:
    """Names that look marked, one of them written twice, survive an export and an import."""
    names = ["'88301", "''5", "'+31", "'70s Music", "+1", "'s-Hertogenbosch", "'=1", "88301"]
    Path("a.json").write_text(json.dumps([{"account": f"C{n}", "name": name} for n, name in enumerate(names)]))
    assert segcli("import", "a.json").status == 0
    assert segcli("show", "account-search", "-o", f"x.{ending}").status == 0
    done = segcli("import", f"x.{ending}", "-f", "json")
    assert (done.status, done.rows[0]["changed"], done.rows[0]["unchanged"]) == (0, 0, len(names))
    assert sorted(row[0] for row in accounts(segcli, "name")) == sorted(names)


@pytest.mark.parametrize(
    ("column", "cell"), [("phone", "6.72E+08"), ("vat_number", '"8,12E+11"'), ("account", "1.2E+12")]
)
def test_a_rounded_number_is_refused(segcli: Run, empty: Path, column: str, cell: str) -> None:
    header = ["account", "name", "phone", "vat_number"]
    row = {"account": "C1", "name": "A", "phone": "1", "vat_number": "2", column: cell}
    done = bring(segcli, ",".join(header) + "\n" + ",".join(row[name] for name in header) + "\n")
    assert done.status == 1
    assert (
        f"{column}: '{cell.strip(chr(34))}': a spreadsheet has rounded this number; Excel keeps 15 digits" in done.err
    )


def test_codes_with_an_e_are_codes(segcli: Run, empty: Path) -> None:
    bring(segcli, "account,name,phone,email\n1E5,1.5E+10 Hz,+1,me+1@example.com\n")
    assert accounts(segcli, "account,name") == [["1E5", "1.5E+10 Hz"]]
