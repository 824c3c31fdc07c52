"""The page docs/commands.md: every command with its options; shared options are listed once."""

from collections.abc import Iterable, Iterator

from segcli.interface.command import Group
from segcli.interface.options import Parameter
from segcli.manual.pages import SHARED, Page, pages, term

_TOP = """# Commands

Generated from the commands: `segcli help --reference docs`. Topics such as filters, formats and
exit statuses are in `segcli help`.
"""


def text(root: Group) -> str:
    """Return the reference in Markdown."""
    every = list(pages(root))
    return "\n".join((_TOP, *_contents(every), "", *_shared(), *(line for page in every for line in _page(page))))


def _contents(every: Iterable[Page]) -> Iterator[str]:
    yield from ("| command | does |", "|---|---|")
    for page in every:
        yield f"| [{page.name}](#{page.name.replace(' ', '-')}) | {cell(page.summary)} |"


def _shared() -> Iterator[str]:
    yield from ("## Options that many commands have", "")
    for title, parameters in SHARED.items():
        yield from (f"### {title}", "")
        yield from _table(parameters)


def _page(page: Page) -> Iterator[str]:
    yield from (f"## {page.name}", "", *(line for part in page.paragraphs for line in (_prose(part), "")))
    yield from ("```", page.usage, "", *page.examples, "```", "")
    if page.arguments:
        yield from _table(page.arguments)
    shared = []
    for title, parameters in page.sections.items():
        if tuple(parameters) == tuple(p for p in SHARED.get(title, ()) if p in parameters):
            whole = len(parameters) == len(SHARED[title])
            shared.append(title if whole else f"{title} ({', '.join(f'`{p.flags[0]}`' for p in parameters)})")
        else:
            yield from _table(parameters)
    yield from (f"Shared: {'; '.join(shared)}.", "")


def _table(parameters: Iterable[Parameter]) -> Iterator[str]:
    yield from ("| option | what |", "|---|---|")
    for parameter in parameters:
        name = parameter.metavar or parameter.name.upper() if parameter.is_argument else term(parameter)
        yield f"| `{cell(name)}` | {cell(parameter.help)} |"
    yield ""


def cell(text: str) -> str:
    """Return a text escaped for a cell of a table."""
    return _prose(text).replace("|", "\\|")


def _prose(text: str) -> str:
    return text.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
