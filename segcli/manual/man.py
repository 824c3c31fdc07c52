"""Man pages in the macros of man(7): section 1 for commands, section 7 for topics."""

from collections.abc import Iterable, Iterator

from segcli.interface.command import Group, first_line
from segcli.interface.options import Parameter
from segcli.manual import topics
from segcli.manual.pages import Page, pages, term

_MANUAL = "segcli manual"


def files(root: Group) -> Iterator[tuple[str, str]]:
    """Yield the file name and text of each page. Pages have no date, so that the same version gives the same bytes."""
    every = list(pages(root))
    yield "segcli.1", _root(root, every)
    for page in every:
        yield f"{_name(page)}.1", _command(page)
    for name in topics.names():
        yield f"segcli-{name}.7", _topic(name)


def _name(page: Page) -> str:
    return "-".join(("segcli", *page.words))


def _root(root: Group, every: Iterable[Page]) -> str:
    what, *others = (" ".join(part.split()) for part in root.help.strip().split("\n\n"))
    rows = [(f"{_name(page)}(1)", page.summary) for page in every]
    rows += [(f"segcli-{name}(7)", topics.title(name)) for name in topics.names()]
    return "".join(
        (
            _head("segcli", 1, what),
            _section("SYNOPSIS", [r"\fBsegcli\fR \fICOMMAND\fR [\fIOPTIONS\fR]"]),
            _section("DESCRIPTION", _paragraphs(others)),
            _section("PAGES", (line for name, words in rows for line in _entry(_plain(name), words))),
        )
    )


def _command(page: Page) -> str:
    options = (
        line
        for title, parameters in page.sections.items()
        for line in (f".SS {_plain(title)}", *(part for p in parameters for part in _entry(_term(p), p.help)))
    )
    arguments = (
        line for p in page.arguments for line in _entry(rf"\fI{_plain(p.metavar or p.name.upper())}\fR", p.help)
    )
    examples = [".nf", *(_plain(example) for example in page.examples), ".fi"]
    parts = [
        _head(_name(page), 1, page.summary),
        _section("SYNOPSIS", [rf"\fB{_plain(page.name)}\fR{_plain(page.usage.removeprefix(page.name))}"]),
        _section("DESCRIPTION", _paragraphs(page.paragraphs)),
        _section("ARGUMENTS", arguments) if page.arguments else "",
        _section("OPTIONS", options),
        _section("EXAMPLES", examples),
        _section("SEE ALSO", [r"\fBsegcli\fR(1), \fBsegcli\-filters\fR(7), \fBsegcli\-exit\-status\fR(7)"]),
    ]
    return "".join(parts)


def _topic(name: str) -> str:
    first, *blocks = topics.text(name).rstrip("\n").split("\n\n")
    lines: list[str] = []
    for block in blocks:
        indented = block.startswith(" ")
        lines += [".PP", *([".nf"] if indented else []), *(_plain(line) for line in block.split("\n"))]
        lines += [".fi"] if indented else []
    return _head(f"segcli-{name}", 7, first.removesuffix(".")) + _section("DESCRIPTION", lines)


def _head(name: str, section: int, what: str) -> str:
    shown = first_line(what)
    return f'.TH "{_plain(name.upper())}" "{section}" "" "segcli" "{_MANUAL}"\n.ad l\n.SH NAME\n{_plain(name)} \\- {_plain(shown)}\n'


def _section(title: str, lines: Iterable[str]) -> str:
    return f".SH {title}\n" + "".join(f"{line}\n" for line in lines)


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (".PP", _plain(text))


def _entry(name: str, text: str) -> tuple[str, str, str]:
    return ".TP", name, _plain(text)


def _term(parameter: Parameter) -> str:
    flags, _, metavar = (
        term(parameter).partition(f" {parameter.metavar}") if parameter.metavar else (term(parameter), "", "")
    )
    value = rf" \fI{_plain(parameter.metavar)}\fR" if parameter.kind != "flag" and parameter.metavar else metavar
    return rf"\fB{_plain(flags)}\fR{value}"


def _plain(text: str) -> str:
    """Return a text escaped for roff."""
    shown = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...").replace("^", "\\(ha").replace("~", "\\(ti")
    )
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown
