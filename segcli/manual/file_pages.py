"""The reference of files: rules.md, reports.md and configuration.md, with tables made from the declared keys.

The text of a page is in files/. A line there that starts with @ is replaced by a table: `@rules RULE` by the keys of RULE
in segcli.classify.rules.keys.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from segcli.base.named_files import stems
from segcli.manual.reference import cell
from segcli.settings import sections
from segcli.settings.config import SETTINGS, variable_of
from segcli.settings.keys import Key
from segcli.settings.section_keys import SECTIONS

_FROM = "Generated from the declarations of the keys: `segcli help --reference docs`."
_HEAD = ("key", "type", "default", "allowed values", "meaning", "example")
_MODULES = {
    "rules": "segcli.classify.rules.keys",
    "reports": "segcli.reports.keys",
    "sections": "segcli.settings.section_keys",
}
_TYPES = {"number": "number", "numbers": "list of numbers", "file": "file"}


def names() -> tuple[str, ...]:
    """Return the names of the pages."""
    return stems(_folder(), ".md")


def _folder() -> Path:
    return Path(__file__).parent / "files"


def text(name: str) -> str:
    """Return a page in Markdown."""
    title, *lines = (_folder() / f"{name}.md").read_text(encoding="utf-8").splitlines()
    return "\n".join((title, "", _FROM, *(part for line in lines for part in _filled(line)))) + "\n"


def _filled(line: str) -> Iterator[str]:
    if not line.startswith("@"):
        yield line
        return
    word, _, name = line[1:].partition(" ")
    if word in _MODULES:
        yield from _keys(getattr(import_module(_MODULES[word]), name))
    else:
        yield from _TABLES[word](name)


def _keys(keys: Sequence[Key]) -> Iterator[str]:
    yield from _table(_HEAD, (_key(key, cell(key.default)) for key in keys))


def _section(name: str) -> Iterator[str]:
    """Yield the table of a section; its defaults are those of config.example.yaml."""
    defaults = sections.defaults()[name]
    yield from _table(_HEAD, (_key(key, _code(_flow(defaults[key.name]))) for key in SECTIONS[name]))


def _key(key: Key, default: str) -> tuple[str, ...]:
    shown = "required" if key.is_needed else default
    return _code(key.name), key.takes, shown, _listed(key.allowed), cell(key.meaning), _code(key.example)


def _settings(_name: str) -> Iterator[str]:
    head = (_HEAD[0], "environment variable", *_HEAD[1:])
    yield from _table(head, (_setting(name) for name in SETTINGS))


def _setting(name: str) -> tuple[str, ...]:
    default, takes, meaning, example = SETTINGS[name]
    allowed = tuple(takes.split("|")) if "|" in takes else ()
    shown = "text" if allowed else _TYPES.get(takes, takes)
    return (_code(name), _code(variable_of(name)), shown, _code(default), _listed(allowed), cell(meaning),
            _code(f"{name}: {example}"))  # fmt: skip


def _words(name: str) -> Iterator[str]:
    yield from _by_language(sections.defaults()[name]["words"])


def _letter_words(_name: str) -> Iterator[str]:
    texts = sections.defaults()["reminders"]["texts"]
    yield from _by_language({code: language["words"] for code, language in texts.items()})


def _by_language(words: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    rows = ((_code(name), *(cell(" ".join(words[code][name].split())) for code in words)) for name in words["en"])
    yield from _table(("key", *(f"default ({code})" for code in words)), rows)


def _kinds(_name: str) -> Iterator[str]:
    from segcli.manual import field_pages

    yield from field_pages.markdown()


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _listed(allowed: Sequence[str]) -> str:
    return ", ".join(map(_code, allowed))


def _code(text: str) -> str:
    shown = text.replace("|", "\\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`" if shown else ""


def _flow(value: Any) -> str:  # noqa: ANN401 - whatever config.example.yaml holds
    """Return a default as YAML on one line; '' for one that is too long for a table."""
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]" if not any(isinstance(part, dict) for part in value) else ""
    if isinstance(value, dict):
        is_flat = all(isinstance(part, str) for part in value.values())
        return f"{{{', '.join(f'{key}: {_flow(part)}' for key, part in value.items())}}}" if is_flat else ""
    return f'"{value}"' if not value or "{" in value else str(value)


_TABLES: Mapping[str, Callable[[str], Iterator[str]]] = {
    "section": _section,
    "settings": _settings,
    "words": _words,
    "letter-words": _letter_words,
    "kinds": _kinds,
}
