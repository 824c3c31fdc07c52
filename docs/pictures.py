"""Draw the pictures of the README from the example administration (python docs/pictures.py).

Each picture is what a command shows on a terminal, as SVG. The same program and data give the same bytes; a test
compares them with the committed files.
"""

import io
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

FOLDER = Path(__file__).parent / "images"
WIDTH = 100
PICTURES = {
    "ageing.svg": ("show", "debtor-ageing", "--class", "Region=N,E,S,W", "--group-by", "Region", "--chart"),
    "account.svg": ("account", "000081"),
}
THEME = TerminalTheme(
    (250, 250, 248), (40, 44, 52),
    [(40, 44, 52), (190, 60, 60), (60, 130, 70), (170, 120, 30), (50, 100, 170), (140, 80, 150), (20, 120, 130), (120, 124, 130)],
)  # fmt: skip
# Rich's own template loads fonts from the network; this one uses those of the reader.
FORMAT = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" class="rich-terminal">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px;
 line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g>
</svg>
"""


def main(folder: Path) -> None:
    """Draw every picture into a folder."""
    with tempfile.TemporaryDirectory() as room:
        own = {
            name: value for name, value in os.environ.items() if not name.startswith("SEGCLI_") and name != "NO_COLOR"
        }
        environ = {
            **own,
            "SEGCLI_DATABASE": f"{room}/example.db",
            "SEGCLI_TODAY": "2026-06-30",
            "XDG_CONFIG_HOME": room,
            "COLUMNS": str(WIDTH),
            "TERM": "xterm-256color",
        }
        command = [sys.executable, "-m", "segcli"]
        subprocess.run([*command, "init", "--example"], env=environ, check=True)
        for name, words in PICTURES.items():
            shown = on_terminal([*command, *words], environ)
            (folder / name).write_text(drawn(f"segcli {' '.join(words)}", shown, name), encoding="utf-8")


def on_terminal(command: list[str], environ: dict[str, str]) -> str:
    """Return what a command writes to a terminal."""
    here, terminal = pty.openpty()
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, env=environ) as process:
        os.close(terminal)
        shown = b""
        while more := _read(here):
            shown += more
    os.close(here)
    if process.returncode:
        raise SystemExit(process.returncode)
    return shown.decode().replace("\r\n", "\n")


def _read(here: int) -> bytes:
    try:
        return os.read(here, 65536)
    except OSError:  # the command has ended
        return b""


def drawn(title: str, text: str, name: str) -> str:
    """Return the SVG of a text with ANSI colours."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(text.rstrip("\n")), soft_wrap=True)
    unique = Path(name).stem
    found = console.export_svg(title=f"$ {title}", theme=THEME, code_format=FORMAT, unique_id=unique)
    return "\n".join(line.rstrip() for line in found.splitlines()) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    main(FOLDER)
