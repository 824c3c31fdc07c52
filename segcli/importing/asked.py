"""What the flags, the profile and the configuration ask of an import."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segcli.base.errors import SegcliError, UsageError
from segcli.importing.readers import Source
from segcli.importing.wishes import Wishes
from segcli.interface.command import Values
from segcli.settings.config import Config

KEEP_DAYS = 90  # as in config.example.yaml


def read(values: Values, config: Config) -> tuple[Wishes, list[Source]]:
    """Return the wishes, and the files that are named. UsageError for flags that do not go together."""
    profile = _profile(values["profile"], config.profiles)
    wishes = Wishes(
        kind=values["as"] or profile.get("as", ""),
        renamed={**dict.fromkeys(_ignored(profile), ""), **(profile.get("map") or {}), **mapped(values)},
        decimal=values["decimal"] or profile.get("decimal", ""),
        dates=values["dates"] or profile.get("dates", ""),
        must_skip=values["on_error"] == "skip",
        must_create=values["create_missing"],
        is_strict=values["strict"],
        match=_match(values["match"]),
        account_number=_account_number(config),
        overwrite_classes=values["overwrite_classes"],
        again=values["again"],
        receivables=values["receivables"] or "",
        dry_run=values["dry_run"],
        open_items=values["open_items"] or _makes_open_items(config),
        reason=values["reason"],
    )
    if values["rejects"] and not wishes.must_skip:
        raise UsageError("--rejects goes with --on-error skip")
    if values["rejects"]:
        from segcli.importing import rejects

        rejects.refuse_inputs(Path(values["rejects"]))
    return wishes, _sources(values, profile)


def _sources(values: Values, profile: Mapping[str, Any]) -> list[Source]:
    from segcli.importing import readers

    encoding = values["encoding"] or profile.get("encoding", "")
    delimiter = readers.delimiter(values["delimiter"] or profile.get("delimiter", ""))
    return [source for name in values["files"] for source in readers.open_sources(name, encoding, delimiter)]


def mapped(values: Values) -> dict[str, str]:
    """Return the fields that --map assigns to columns."""
    renamed = {}
    for text in values["map"]:
        column, sign, name = text.rpartition("=")
        if not sign or not column:
            raise UsageError(f"--map: '{text}' is not COLUMN=FIELD", "write --map Klantnr=account")
        renamed[column] = name
    return renamed


def keep_days(config: Config) -> int:
    """Return for how many days before-images are kept for undo: the setting undo.keep, 90 by default."""
    from segcli.settings import sections

    if "undo" not in config.sections:  # reading the defaults takes time
        return KEEP_DAYS
    text = str(sections.section(config, "undo")["keep"])
    return sections.whole_number(text.removesuffix(" days").removesuffix(" day"), f"{config.path}: undo.keep")


def _profile(name: str | None, profiles: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a profile of the configuration; every value of it must be a text that segcli accepts."""
    if not name:
        return {}
    from segcli.domain.catalogue import nearest
    from segcli.settings import keys, section_keys, sections

    if name not in profiles:
        raise UsageError(
            f"--profile: there is no profile '{name}'", nearest(name, profiles) or "see: segcli config show"
        )
    found, where = profiles[name], f"profile {name}"
    hint = f"it may say {', '.join(keys.names(section_keys.PROFILE))}, as docs/configuration.md shows"
    if not isinstance(found, Mapping) or not isinstance(found.get("map") or {}, Mapping):
        raise SegcliError(f"{where}: it is a list of name: value, and so is its map", hint)
    said = {key: value for key, value in found.items() if key != "map"} | dict(found.get("map") or {})
    for key, value in said.items():
        if not isinstance(value, str):
            raise SegcliError(f"{where}: {key} has one word after it", hint)
    sections.check(found, section_keys.PROFILE, where, ": ")
    return found


def _ignored(profile: Mapping[str, Any]) -> list[str]:
    """Return the columns that a profile leaves out."""
    return [name.strip() for name in profile.get("ignore", "").split(",") if name.strip()]


def _match(text: str | None) -> tuple[str, ...]:
    """Return the ways of --match, in their own order; none if it is not given."""
    if text is None:
        return ()
    from segcli.domain.catalogue import nearest
    from segcli.importing.kinds.machinery.account_candidates import WAYS

    words = [word.strip() for word in text.split(",")]
    for word in words:
        if word not in WAYS:
            raise UsageError(f"--match: there is no '{word}'", nearest(word, WAYS))
    return tuple(way for way in WAYS if way in words)


def _account_number(config: Config) -> str:
    """Return the setting accounts.number: the form of the numbers of accounts without a code."""
    from segcli.domain.account_numbers import FORM, series

    if "accounts" not in config.sections:  # reading the defaults takes time
        return FORM
    from segcli.settings import sections

    form = str(sections.section(config, "accounts")["number"])
    series(form)
    return form


def _makes_open_items(config: Config) -> bool:
    """Tell whether the setting imports.open_items is on; it is off by default."""
    from segcli.settings import sections

    return "imports" in config.sections and sections.section(config, "imports")["open_items"] == "yes"
