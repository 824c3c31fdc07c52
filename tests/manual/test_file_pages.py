"""The reference of files: its tables are the declared keys, its examples work, and what it says of values holds."""

import re
import shlex
from pathlib import Path

import pytest
from conftest import ROOT, Run

from segcli.base.errors import SegcliError
from segcli.classify.rules import guards
from segcli.classify.rules import keys as rule_keys
from segcli.manual import file_pages
from segcli.reports import keys as report_keys
from segcli.settings import config, keys, plain_yaml, section_keys, sections
from segcli.settings.keys import Key

TABLES = {
    f"{module.__name__}.{name}": found
    for module in (rule_keys, report_keys, section_keys)
    for name, found in vars(module).items()
    if isinstance(found, tuple) and found and isinstance(found[0], Key)
}
SAVED = re.compile(r"^`([\w.]+)`:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^```\n(segcli .*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_committed_pages_are_generated(segcli: Run, tmp_path: Path) -> None:
    """Where this fails: segcli help --reference docs."""
    (tmp_path / "docs").mkdir()
    assert segcli("help", "--reference", "docs") == (0, "", "")
    written = sorted((tmp_path / "docs").iterdir())
    assert [path.stem for path in written] == sorted(("commands", *file_pages.names()))
    for path in written:
        assert path.read_text(encoding="utf-8") == (ROOT / "docs" / path.name).read_text(encoding="utf-8")


def test_the_index_has_every_document() -> None:
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[([\w.]+)\]\(\1\) \| \S.*\.\ \|$", text, re.MULTILINE)
    assert sorted(listed) == sorted(path.name for path in (ROOT / "docs").glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("name", file_pages.names())
def test_the_example_of_a_page_works(segcli: Run, example: Path, name: str) -> None:
    assert example.exists()
    text = file_pages.text(name)
    for file, content in SAVED.findall(text):
        Path(file).write_text(content, encoding="utf-8")
    (block,) = COMMANDS.findall(text)
    for line in block.splitlines():
        done = segcli(*shlex.split(line)[1:])
        assert (done.status, done.err) == (0, ""), line
    for made in {
        "rules": ("plan.json",),
        "reports": ("reports/debtors-2026-06-30.xlsx", "reports/largest.csv"),
        "fields": ("accounts.xlsx", "accounts.fields.txt"),
    }.get(name, ()):
        assert Path(made).stat().st_size


@pytest.mark.repeats
@pytest.mark.parametrize("name", file_pages.names())
def test_a_page_shows_every_table_and_has_no_mark_left(name: str) -> None:
    text = file_pages.text(name)
    assert not re.search(r"^@", text, re.MULTILINE)
    of_page = {"rules": rule_keys, "reports": report_keys, "configuration": section_keys}.get(name)
    for table, found in TABLES.items():
        if of_page and table.startswith(of_page.__name__) and not table.endswith(("SECTIONS", "COMMANDS")):
            for key in found:
                assert f"| `{key.name}` | {key.takes} |" in text, (table, key.name)


@pytest.mark.parametrize("name", TABLES)
def test_every_key_is_complete_and_its_example_is_right(name: str) -> None:
    """An example of the plan is JSON, which is YAML too."""
    for key in TABLES[name]:
        assert key.takes
        assert key.meaning.endswith(".")
        assert not (key.is_needed and key.default)
        said = key.example if not key.example.startswith('"') else f"{{{key.example}}}"
        node = plain_yaml.tree(said.encode(), name)
        assert node is not None
        (found,) = node.mapping()
        assert found == key.name or key.name.startswith("1, 2")
        keys.read(node, (key._replace(name=found, shape=str if key.shape is int else key.shape),))


def test_every_key_of_the_example_configuration_is_declared() -> None:
    document = sections.defaults()
    assert set(section_keys.SECTIONS) | {"profiles", "rounding"} == set(config.SECTIONS)  # the keys of these are names
    for name, declared in section_keys.SECTIONS.items():
        assert list(document[name]) == list(keys.names(declared))
        sections.check(document[name], declared, name, ".")
    assert {key.name: key.default for key in section_keys.GL_ACCOUNTS} == document["invoices"]["gl_accounts"]
    for name, setting in config.SETTINGS.items():
        config.load({}, {"SEGCLI_CONFIG": str(written(f"{name}: {setting.example}"))})


def written(text: str) -> Path:
    path = Path("example.yaml")
    path.write_text(f"{text}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", section_keys.SECTIONS)
def test_values_that_are_not_allowed_are_refused(name: str) -> None:
    for key in section_keys.SECTIONS[name]:
        if key.allowed or key.shape is str:
            wrong: object = "perhaps" if key.allowed else ["a"]
            loaded = config.Config({}, {}, Path("c.yaml"), is_file_there=True, sections={name: {key.name: wrong}})
            with pytest.raises(SegcliError, match=rf"{name}.{key.name}.* is (none of|one text)"):
                sections.section(loaded, name)


def test_kinds_of_windows_are_those_that_can_be_looked_up() -> None:
    assert set(keys.names(rule_keys.WINDOWS)) == set(guards._NEWEST)
