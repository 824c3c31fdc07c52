"""A price update of all subscription lines, against bare statements in the sqlite3 shell."""

from collections.abc import Iterator

import generate
from cases_import import MEGABYTES, asked, copied, imported, made
from cases_subscriptions import write
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, SQLITE, Ready

SHELL = "sqlite3 shell"
LIMIT = 4.0
PERCENT, DAY, DAY_BEFORE = "3.5", "2027-01-01", "2026-12-31"
_NEW = "(CAST(round(l.unit_price * 100) AS INTEGER) * 1035 + 500) / 1000"  # in cents, half away from zero
BY_HAND = f"""PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;
BEGIN IMMEDIATE;
INSERT INTO run (command, source, user_name, started_at) VALUES ('run', 'manual', 'me', '2026-06-30T00:00:00Z');
CREATE TEMP TABLE revised AS SELECT l.id AS line_id, (SELECT max(id) FROM subscription_line) + row_number() OVER (ORDER BY l.id) AS new_id,
  {_NEW} AS cents FROM subscription_line AS l;
INSERT INTO subscription_line (id, subscription_id, line_number, description, quantity, unit_price, period_amount, vat_percent, start_date)
  SELECT r.new_id, l.subscription_id, 2, l.description, l.quantity, printf('%d.%02d', r.cents / 100, r.cents % 100), r.cents * 10000, l.vat_percent, '{DAY}'
    FROM revised AS r JOIN subscription_line AS l ON l.id = r.line_id ORDER BY r.new_id;
INSERT INTO subscription_line_change (run_id, old_line_id, old_end_date, new_line_id)
  SELECT (SELECT max(id) FROM run), line_id, NULL, new_id FROM revised ORDER BY new_id;
UPDATE subscription_line SET end_date = '{DAY_BEFORE}' WHERE id IN (SELECT line_id FROM revised);
COMMIT;
"""
_RESULT = """SELECT s.subscription_number, l.line_number, l.quantity, l.unit_price * 1.0, l.period_amount, l.vat_percent, l.start_date, l.end_date
  FROM subscription_line AS l JOIN subscription AS s ON s.id = l.subscription_id
UNION ALL SELECT 'changes', count(*), count(new_line_id), count(old_end_date), 0, 0, 0, 0 FROM subscription_line_change"""
NAMES = ("new prices of all subscriptions",)  # what cases() yields, so that run.py prepares no more than is asked for


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the update."""
    folder = ready.folder
    loaded = made(folder / "subscriptions.db", imported(*write(folder, generate.count(100_000, ready.scale))))
    here, there, script = folder / "ours.db", folder / "theirs.db", folder / "prices.sql"
    script.write_text(BY_HAND)
    words = ("run", "update-subscription-prices", "--percent", PERCENT, "--from", DAY, "--all", "--apply", "--yes")
    ours = Contestant(
        (SEGCLI, "-d", str(here), *words),
        before=copied(loaded, here),
        result=asked(here, _RESULT, folder),
        environ=ENVIRON,
    )
    theirs = Contestant((*SQLITE, "-bail", str(there)), script, copied(loaded, there), asked(there, _RESULT, folder))
    yield Case(
        "new prices of all subscriptions", {OURS: ours, SHELL: theirs}, {SHELL: LIMIT}, frozenset({SHELL}), MEGABYTES
    )
