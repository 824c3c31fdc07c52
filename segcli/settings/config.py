"""The effective configuration and the origin of each value: flag, environment, file or default."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from segcli.base.errors import SegcliError, UsageError
from segcli.base.file_modes import CHOICES
from segcli.base.record import Record, made
from segcli.base.text import is_whole
from segcli.storage.places import default_database


class Setting(NamedTuple):
    """A setting: its default, the values it accepts, its meaning, and an example value."""

    default: str
    takes: str  # text, file, number, numbers, or choices with | between them
    meaning: str
    example: str


SETTINGS: Mapping[str, Setting] = {
    "database": Setting(
        "", "file", "The database file; empty: segcli/segcli.db in the user's data folder.", "~/sales.db"
    ),
    "color": Setting("auto", "auto|always|never", "Colour on a terminal.", "never"),
    "decimal": Setting(".", ".|,", "The decimal sign in tables for people.", '","'),
    "language": Setting(
        "en", "en|nl|de|fr", "The language of headings, titles and captions in tables for people.", "nl"
    ),
    "dates": Setting("iso", "iso|dmy|mdy", "The form of dates in tables for people and in workbooks.", "dmy"),
    "buckets": Setting("30,60,90", "numbers", "Upper limits of the ageing buckets, in days.", "[14, 30, 60]"),
    "wait": Setting("30", "number", "How many seconds a writing command waits for another one.", "120"),
    "sendmail": Setting(
        "sendmail -t -i", "text", "The program that sends e-mail if no SMTP server is configured.", "msmtp -t"
    ),
    "on_difference": Setting(
        "warn", "warn|fail|ignore", "What a report does if the ledger and the outstanding items differ.", "fail"
    ),
    "engine": Setting("sqlite", "text", "What answers: sqlite, lake, auto, or a Spark server: sc://HOST:PORT.", "auto"),
    "lake.folder": Setting("", "file", "The folder of the lake (segcli lake); empty: none.", "/data/lake"),
    "lake.administration": Setting(
        "", "text", "The key of this database in the lake; empty: the name of its file without its ending.", "north"
    ),
    "lake.url": Setting("", "text", "Where a cluster finds the lake; empty: in its folder.", "s3a://bucket/lake"),
    "files.mode": Setting("0600", CHOICES, "Permissions of the files that are written.", '"0640"'),
    "database.mode": Setting("0600", CHOICES, "Permissions of the database, its log and its lock.", '"0660"'),
}
# A flag of an import that says how a file is written also sets how tables show it; no table shows 20260331.
_IN_TABLES = {("dates", "ymd"): "iso"}
SECTIONS = (
    "profiles",
    "smtp",
    "letters",
    "invoices",
    "reminders",
    "statements",
    "subscriptions",
    "accounts",
    "imports",
    "undo",
    "rounding",
    "rfm",
)  # nested settings, checked by the code that uses them
PREFIX = "SEGCLI_"


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper().replace(".", "_")


def default_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the default path of the configuration file, in the user's configuration folder (XDG)."""
    base = environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "segcli" / "config.yaml"


class Config(Record):
    """The effective configuration."""

    values: Mapping[str, str]
    origins: Mapping[str, str]  # 'default', 'environment SEGCLI_WAIT', 'flag', or the file
    path: Path  # the configuration file, whether or not it exists
    is_file_there: bool
    sections: Mapping[str, Any] = made(default_factory=dict)

    @property
    def profiles(self) -> Mapping[str, Any]:
        """Return the mapping profiles for imports."""
        found: Mapping[str, Any] = self.sections.get("profiles") or {}
        return found

    @property
    def database(self) -> Path:
        """Return the path of the database in use."""
        return Path(self.values["database"]).expanduser() if self.values["database"] else default_database()

    @property
    def lake(self) -> Path | None:
        """Return the folder of the lake, or None if none is configured."""
        return Path(self.values["lake.folder"]).expanduser() if self.values["lake.folder"] else None

    @property
    def wait(self) -> float:
        """Return the seconds that a writer waits for the lock."""
        return float(self.values["wait"])


def load(flags: Mapping[str, str | None], environ: Mapping[str, str] = os.environ) -> Config:
    """Load the effective configuration. UsageError if a named file is missing; SegcliError for an error in the file."""
    path, document = _document(flags.get("config"), environ)
    settings = document or {}
    values, origins = {}, {}
    for name, setting in SETTINGS.items():
        value, origin = _value(name, setting, flags, environ, settings, path)
        _check(name, setting, value, origin)
        values[name], origins[name] = value, origin
    sections = {name: settings[name] for name in SECTIONS if settings.get(name)}
    wrong = next((name for name, content in sections.items() if not isinstance(content, dict)), None)
    if wrong:
        raise SegcliError(f"{path}: {wrong} is a list of `name: value`")
    return Config(values, origins, path, document is not None, sections)


def _document(named: str | None, environ: Mapping[str, str]) -> tuple[Path, dict[str, Any] | None]:
    """Return the path and content of the file. The content is None if the default file does not exist."""
    chosen = named or environ.get(PREFIX + "CONFIG")
    path = Path(chosen).expanduser() if chosen else default_file(environ)
    if not path.exists():
        if chosen:
            raise UsageError(f"there is no configuration file {path}", "named by --config or SEGCLI_CONFIG")
        return path, None
    from segcli.settings import plain_yaml

    document = plain_yaml.load(path)
    if not isinstance(document, dict):
        raise SegcliError(f"{path}: a configuration is a list of `name: value`")
    document = _flat(document)
    unknown = [key for key in document if key not in {*SETTINGS, *SECTIONS}]
    if unknown:
        from segcli.domain.catalogue import nearest

        raise SegcliError(f"{path}: there is no setting '{unknown[0]}'", nearest(unknown[0], (*SETTINGS, *SECTIONS)))
    return path, document


def _flat(document: dict[str, Any]) -> dict[str, Any]:
    """Flatten `files: {mode: 0640}` to `files.mode: 0640`."""
    found: dict[str, Any] = {}
    for key, content in document.items():
        parts = {name.split(".")[1] for name in SETTINGS if name.startswith(f"{key}.")}
        if parts and isinstance(content, dict):
            found |= {f"{key}.{name}": value for name, value in content.items()}
        else:
            found[key] = content
    return found


def _value(  # noqa: PLR0913 - the four sources, in order of precedence
    name: str, setting: Setting, flags: Mapping[str, str | None], environ: Mapping[str, str],
    settings: Mapping[str, Any], path: Path,
) -> tuple[str, str]:  # fmt: skip
    if flags.get(name):
        value = str(flags[name])
        return _IN_TABLES.get((name, value), value), "flag"
    variable = variable_of(name)
    if environ.get(variable):
        return environ[variable], f"environment {variable}"
    if name in settings:
        return _text(settings[name]), str(path)
    return setting.default, "default"


def _text(value: object) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _check(name: str, setting: Setting, value: str, origin: str) -> None:
    takes = setting.takes
    is_right = {
        "text": True,
        "file": True,
        "number": is_whole(value.replace(".", "", 1)),
        "numbers": all(is_whole(part.strip()) for part in value.split(",")),
    }.get(takes, value in takes.split("|"))
    if not is_right:
        wanted = {"number": "a number", "numbers": f"a list of numbers, such as {setting.default}"}
        where = f"--{name}: '{value}'" if origin == "flag" else f"{name}: '{value}' ({origin})"
        kind = UsageError if origin == "flag" or origin.startswith("environment") else SegcliError
        raise kind(f"{where} is not {wanted.get(takes, takes.replace('|', ' or '))}")
