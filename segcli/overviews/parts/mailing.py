"""Why a contact may not be mailed, as SQL: blocked, ended, excluded, opted out, or an address shared with such a contact."""

_ACCOUNT_WHY = """CASE WHEN {0}.is_blocked = 1 THEN 'account blocked' WHEN coalesce({0}.end_date, '9999') < :as_of THEN 'account ended'
            WHEN {0}.is_mailing_excluded = 1 THEN 'account excluded' END"""
_CONTACT_WHY = """CASE WHEN coalesce({0}.end_date, '9999') < :as_of THEN 'contact ended'
            WHEN {0}.is_mailing_excluded = 1 THEN 'contact excluded' END"""
# The condition of the schema's partial indexes, so that SQLite uses them.
_LISTED = "(y.is_blocked = 1 OR y.is_mailing_excluded = 1 OR y.end_date IS NOT NULL)"
# The addresses of all accounts and contacts that may not be mailed; no other contact with such an address is offered.
SUPPRESSED = f"""suppressed AS MATERIALIZED (
  SELECT mail_key(email) AS mail, min(why) AS why FROM (
    SELECT y.email, {_ACCOUNT_WHY.format("y")} AS why FROM account AS y WHERE {_LISTED} AND y.email IS NOT NULL
    UNION ALL
    SELECT x.email, {_ACCOUNT_WHY.format("y")} FROM account AS y CROSS JOIN contact AS x
     WHERE x.account_id = y.id AND {_LISTED} AND x.email IS NOT NULL
    UNION ALL
    SELECT y.email, {_CONTACT_WHY.format("y")} FROM contact AS y
     WHERE {_LISTED.replace("y.is_blocked = 1 OR ", "")} AND y.email IS NOT NULL)
   WHERE why IS NOT NULL GROUP BY 1
)"""
# Why contact `c` of a selected account `s` may not be mailed, given its suppressed address `u`. No flag overrides this.
# Addresses are hashed only if somebody has opted out.
WHY_NOT = f"""coalesce({_ACCOUNT_WHY.format("s")}, {_CONTACT_WHY.format("c")},
            CASE WHEN c.email IS NULL THEN 'no e-mail address' WHEN mail_address(c.email) IS NULL THEN 'malformed e-mail address'
            WHEN EXISTS (SELECT 1 FROM opt_out) AND is_opted_out(c.email) = 1 THEN 'opted out'
            WHEN u.why IS NOT NULL THEN 'same address: ' || u.why END)"""
JOINED = """JOIN (SELECT x.*, mail_key(x.email) AS mail FROM contact AS x) AS c ON c.account_id = s.id
  LEFT JOIN suppressed AS u ON u.mail = c.mail"""
