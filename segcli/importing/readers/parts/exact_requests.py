"""Mapping of Exact Online's REST records of requests to segcli's fields.

The records are activities/Tasks, ServiceRequests, Complaints, Events and CommunicationNotes of the API reference. A task's
ActionDate is its due date. Times are in the user's own time zone, so only events keep them.
"""

from collections.abc import Callable, Mapping

Cells = Mapping[str, str | None]
Words = dict[str, str | None]
_TYPES = {
    "Task": "task",
    "ServiceRequest": "service",
    "Complaint": "complaint",
    "Event": "event",
    "CommunicationNote": "note",
}
KINDS = dict.fromkeys(_TYPES, "request")
_FIELDS = {
    "request": "HID Number",
    "account": "AccountCode Account",
    "name": "AccountName",
    "contact": "Contact",
    "description": "Subject Description Complaint Notes",
    "notes": "Notes RequestComment Description",
    "status": "Status",
    "assignee": "AssignedToFullName UserFullName OwnerFullName",
    "created_by": "CreatorFullName",
    "request_date": "ReceiptDate Date Created",
    "start_date": "StartDate",
    "end_date": "EndDate",
    "due_date": "ActionDate RequiredDate DueDate",
    "external_id": "ID",
}


def _request(kind: str) -> Callable[[Cells], Words]:
    """Return the mapping of records of this type."""

    def translate(cells: Cells) -> Words:
        found: Words = {
            name: next((text.strip() for key in keys.split() if (text := cells.get(key)) and text.strip()), None)
            for name, keys in _FIELDS.items()
        }
        found["description"] = (found["description"] or kind).splitlines()[0]
        found["notes"] = None if found["notes"] == found["description"] else found["notes"]
        if kind == "event":
            found |= {
                name: _time(cells.get(key)) for name, key in (("start_time", "StartDate"), ("end_time", "EndDate"))
            }
        for name in ("request_date", "start_date", "end_date", "due_date"):
            found[name] = (found[name] or "")[:10] or None
        return {**found, "type": kind}

    return translate


def _time(moment: str | None) -> str | None:
    """Return the time (hh:mm) of a date and time; None at midnight, which means the whole day."""
    time = (moment or "")[11:16]
    return None if time in {"", "00:00"} else time


TRANSLATIONS = {name: _request(kind) for name, kind in _TYPES.items()}
