"""Undo of classification changes: restore values that are still the run's, report the others."""

import sqlite3

from segcli.classify import reclassify
from segcli.domain.clause import in_order

# The run's last change of a field is the value it left. Both ends are found in one pass: with a lookup per change, SQLite
# may go through all changes of the run every time.
_LAST = """SELECT l.account_id, l.field, f.old_value_id, l.new_value_id
  FROM (SELECT min(id) AS first_id, max(id) AS last_id FROM classification_change WHERE run_id = ? GROUP BY account_id, field) AS g
 CROSS JOIN classification_change AS f ON f.id = g.first_id CROSS JOIN classification_change AS l ON l.id = g.last_id"""
_CURRENT = "CASE x.field " + " ".join(f"WHEN {n} THEN a.class{n}" for n in range(1, 9)) + " END"
Conflict = tuple[
    str, str, int, str, str, int
]  # account, class1, 1, the value that the run left, that of now, the run that set it


def propose(db: sqlite3.Connection, number: int) -> list[Conflict]:
    """Propose the old values where the run's values are still current; return the conflicts."""
    reclassify.create_proposal(db)
    db.execute(
        f"INSERT INTO temp.proposal SELECT x.account_id, x.field, x.new_value_id, x.old_value_id FROM ({_LAST}) AS x"
        f" JOIN account AS a ON a.id = x.account_id WHERE {_CURRENT} IS x.new_value_id AND x.old_value_id IS NOT x.new_value_id",
        (number,),
    )
    return db.execute(
        f"""SELECT a.code, 'class' || x.field, x.field, v.code, w.code,
                   (SELECT max(c.run_id) FROM classification_change AS c WHERE c.account_id = a.id AND c.field = x.field)
              FROM ({_LAST}) AS x JOIN account AS a ON a.id = x.account_id
              LEFT JOIN classification_value AS v ON v.id = x.new_value_id
              LEFT JOIN classification_value AS w ON w.id = {_CURRENT}
             WHERE {_CURRENT} IS NOT x.new_value_id ORDER BY {in_order("a.code")}, x.field""",
        (number,),
    ).fetchall()
