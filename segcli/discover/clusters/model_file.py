"""The file of a cluster model: centres, scaling and metrics as JSON, for `cluster --save` and `--assign`."""

import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from segcli.base import bounded_read
from segcli.base.errors import SegcliError
from segcli.domain.segments.clusters import Model, Scale

FORMAT = 1
_MOST_BYTES = 1_000_000
_HINT = "make it with: segcli cluster --save FILE"


class Stored(NamedTuple):
    """What is read from a file: the metrics as in --where, the currency of their amounts, the model, and the day of the fit."""

    metrics: tuple[str, ...]
    currency: str
    model: Model
    as_of: str


def text(metrics: tuple[str, ...], model: Model, about: Mapping[str, Any]) -> str:
    """Return the content of the file; `about` says how the model was made, among it as_of and currency."""
    scaled = [
        {"metric": metric, "log": scale.is_log, "mean": scale.mean, "deviation": scale.deviation}
        for metric, scale in zip(metrics, model.scales, strict=True)
    ]
    document = {"segcli_clusters": FORMAT, **about, "metrics": scaled, "centres": model.centres}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> Stored:
    """Return the model of a file. Raise SegcliError if it is none."""
    try:
        document = json.loads(bounded_read.read(path, _MOST_BYTES))
    except (ValueError, RecursionError) as error:
        raise SegcliError(f"{path} is no cluster model: it is not JSON", _HINT) from error
    if not isinstance(document, dict) or document.get("segcli_clusters") != FORMAT:
        raise SegcliError(f"{path} is no cluster model that this segcli knows", _HINT)
    metrics, centres = document.get("metrics"), document.get("centres")
    if not (isinstance(metrics, list) and metrics and all(map(_is_scaled, metrics))):
        raise SegcliError(f"{path}: $.metrics is not as segcli cluster writes it", _HINT)
    if not (isinstance(centres, list) and centres and all(_is_point(centre, len(metrics)) for centre in centres)):
        raise SegcliError(f"{path}: $.centres is not as segcli cluster writes it", _HINT)
    scales = tuple(Scale(one["log"], float(one["mean"]), float(one["deviation"])) for one in metrics)
    model = Model(scales, tuple(tuple(map(float, centre)) for centre in centres))
    words = [document.get(key) for key in ("currency", "as_of")]
    if not all(isinstance(word, str) for word in words):
        raise SegcliError(f"{path}: $.currency or $.as_of is missing", _HINT)
    return Stored(tuple(one["metric"] for one in metrics), str(words[0]), model, str(words[1]))


def _is_scaled(one: object) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("metric"), str) or not isinstance(one.get("log"), bool):
        return False
    return _is_number(one.get("mean")) and _is_number(one.get("deviation")) and one["deviation"] > 0


def _is_point(centre: object, width: int) -> bool:
    return isinstance(centre, list) and len(centre) == width and all(map(_is_number, centre))


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False
