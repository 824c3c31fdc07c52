"""The help and the flags of `segcli rules drift`. Pure data."""

from dataclasses import replace

from segcli.interface import options
from segcli.interface.options import Parameter

HELP = """Show how the shares of classes and metrics moved between two days.

One row per labelled class, or per class that is named or that a rule file gives, and per metric: the population stability
index (PSI), and the word stable (below 0.1), moved, or changed (0.25 or more). Classes are those at the end of each day;
metrics are in bands of equal numbers of accounts on the first day. --details shows the shares of each value.

"""
PARAMETERS = (
    Parameter("words", (), "Classes or rule files (.yaml).", metavar="CLASS|FILE", is_many=True, completes="class"),
    *options.named(("from", "to", "period")),
    Parameter(
        "metrics",
        ("--metrics",),
        "Instead of the usual metrics: metrics and scores, or none.",
        metavar="NAMES",
        is_many=True,
    ),
    Parameter("bands", ("--bands",), "Bands of a metric (10).", kind="integer", metavar="N"),
    Parameter("details", ("--details",), "A row per value, with both shares.", kind="flag"),
    *options.SELECTION[9:],  # not by class: those flags would select by present values
    *options.STRICT,
    replace(options.PARAMETERS["exit_code"], help="Exit with 4 if an index is 0.25 or more.", section="Options"),
    *options.named((*options.FORM, "if_changed", "touch", "manifest")),
)
EXAMPLES = (
    "segcli rules drift --from 2026-03-31 --to 2026-06-30",
    "segcli rules drift Region rules.yaml --from 2026-01-01 --details",
    'segcli rules drift --period 2026Q2 --metrics "turnover(12m),abc" --exit-code',
)
