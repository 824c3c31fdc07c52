"""The column `administration` of questions to several administrations. Pure."""

from typing import TYPE_CHECKING

from segcli.domain.table import Column
from segcli.query.columns import ADMINISTRATION, Known

if TYPE_CHECKING:
    from segcli.query.compose import Request


def beside(known: Known, request: "Request") -> tuple[Column, ...]:
    """Return the column if it is shown beside those of the overview; a grouped overview has it among its own."""
    return (ADMINISTRATION,) if request.several and not known.overview.is_grouped else ()


def before_account(names: tuple[str, ...], *, several: bool) -> tuple[str, ...]:
    """Return names to group by, with the administration before the account: the same code may be another account elsewhere."""
    if not several or "account" not in names or ADMINISTRATION.name in names:
        return names
    at = names.index("account")
    return (*names[:at], ADMINISTRATION.name, *names[at:])
