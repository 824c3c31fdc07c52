"""Accounts: customers, suppliers and prospects, with their classifications."""

from collections.abc import Sequence

from segcli.base.text import counted
from segcli.domain.catalogue import CLASSES
from segcli.importing.kinds.machinery import (
    account_candidates,
    account_checks,
    account_matching,
    classes,
    erased,
    external_ids,
    upsert,
)
from segcli.importing.kinds.machinery.account_headings import CUSTOMER, NAME, SUPPLIER
from segcli.importing.kinds.machinery.account_search import SEARCH
from segcli.importing.kinds.machinery.bulk import is_empty
from segcli.importing.kinds.machinery.first_accounts import FIRST_LOAD
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.settings import administration

FIELDS = (
    Field("account", "code", f"code accountcode {CUSTOMER} {SUPPLIER} nummer number", "code",
          about="Customer or supplier number, unique; without it, other numbers identify the account"),
    Field("name", "text", f"{NAME} companyname custsupname company firmenname",
          about="Name of the company or person; required for a new account"),
    Field("status", "status", "accountstatus relatiestatus",
          about="C (customer), P (prospect), S (suspect) or A (none); a new account is C"),
    Field("type", "text", "accounttype",
          about="D or O marks the administration itself, which is not taken as an account"),
    Field("search_code", "text", "searchcode zoekcode", about="Short name to search the account by"),
    Field("is_sales", "flag", "issales iscustomer isklant",
          about="Whether invoices can be sent to it; yes for a new account"),
    Field("is_supplier", "flag", "issupplier isleverancier leverancier", about="Whether it is a supplier"),
    Field("is_blocked", "flag", "blocked isblocked geblokkeerd", about="Whether it is blocked"),
    Field("is_mailing_excluded", "flag", "ismailingexcluded nomailing geenmailing unsubscribed emailoptout optout "
        "optedout optedoutofemail hasoptedoutofemail afgemeld uitgeschreven",
          about="Whether it is left out of mailings"),
    Field("start_date", "date", "startdate begindatum startdatum customersince klantsinds",
          about="First day as a customer or supplier"),
    Field("end_date", "date", "enddate einddatum", about="Last day as a customer or supplier"),
    Field("address", "text", "addressline1 address1 adres adresregel1 straat street streetname strasse rue",
          about="Street and house number"),
    Field("postcode", "text", "postalcode zip zipcode plz", about="Postal code, as it is written on an envelope"),
    Field("city", "text", "plaats woonplaats stad town", about="Town or city"),
    Field("state", "text", "region provincie province", about="State, province or region"),
    Field("country", "country", "land countrycode landcode taxregistrationcountry",
          about="Country as a two-letter ISO code, such as NL"),
    Field("phone", "text", "telefoon telefoonnummer telephone phonenumber tel",
          about="Telephone number, as it is dialled"),
    Field("fax", "text", "faxnumber faxnummer", about="Fax number"),
    Field("email", "text", "emailaddress emailadres mail", about="E-mail address"),
    Field("website", "text", "url homepage web", about="Address of the website"),
    Field("vat_number", "text", "vatnumber btwnummer vat btw taxregident vatno vatid ustid ustidnr ntva numerotva",
          about="VAT number with its country prefix, such as NL001234567B01"),
    Field("chamber_of_commerce", "text", "chamberofcommerce kvk kvknummer commercenr cocnumber coc",
          about="Number in the trade register, in the Netherlands of KvK"),
    Field("language", "text", "taal taalcode languagecode",
          about="Language of letters to the account, such as nl, en or de"),
    Field("manager", "text", "accountmanagerfullname accountmanager accountbeheerder beheerder salesperson",
          about="Name of the account manager"),
    Field("sector", "text", "activitysector branche sectie industry", about="Line of business"),
    Field("currency", "currency", "salescurrency valuta currencycode",
          about="Currency of its invoices as an ISO code, such as EUR"),
    Field("payment_condition", "code", "paymentconditionsales paymentcondition betalingsconditie",
          about="Code of its payment condition"),
    Field("credit_limit", "base_money", "creditlimits creditlinesales creditline creditlimiet kredietlimiet kredietlijn kreditlimit "
          "kreditrahmen kreditlinie limitedecredit plafonddecredit encoursautorise",
          about="Highest amount that may be open, in the administration's currency; 0 is no limit"),
    Field("invoice_by", "delivery", "invoiceby factuurper", about="How invoices are sent: letter or email"),
    Field("iban", "iban", "ibannumber ibannummer accountiban bankiban", about="Bank account, by which payments are matched to the account"),
    Field("remarks", "text", "opmerkingen opmerking remark notes notities", about="Free text"),
    Field("external_id", "text", "externalid id guid", about="Id in the program it comes from, such as its GUID"),
    Field("references", about="Its ids or names in other programs, one per line: odoo:res_partner_12"),
)  # fmt: skip
# Defaults of a new account; a blank cell never clears them.
_REQUIRED = frozenset({"name", "status", "is_sales", "is_supplier", "is_blocked", "is_mailing_excluded", "invoice_by"})
# Without a code, one of these beside the name shows that a file has accounts.
_OF_ACCOUNTS = frozenset(
    {"references", "vat_number", "chamber_of_commerce", "email", "address", "postcode", "city", "phone"}
)
_NO_COLUMNS = frozenset({"type", "references", "iban"})


def merge(stage: Stage) -> Counts:
    """Upsert the staged accounts by code, and their classes except those set by hand. account_matching finds missing codes."""
    own, notes = _take_own_administration(stage)
    is_matched = account_matching.is_needed(stage)
    if is_matched:
        notes += account_matching.identify(stage)
    upsert.refuse_duplicates(stage, ("account",), "account")
    _take_codes(stage)
    notes += _forget_addresses(stage)
    external_ids.refuse_repeated(stage)
    account_checks.refuse_other_owner(stage)
    account_checks.refuse_negative_limit(stage)
    classes.resolve(stage)
    account_checks.refuse_nameless(stage)
    _keep_filled(stage)
    target = _target(stage)
    is_first = is_empty(stage, "account")
    counts = upsert.upsert(stage, target)
    if not is_first:
        counts = classes.classify(stage, counts)
    classes.keep_pending(stage)
    referred = account_matching.keep_references(stage) if is_matched else 0
    others = counts.others + own + referred + _take_ibans(stage)
    return counts._replace(notes=(*counts.notes, *notes), others=others)


def _take_ibans(stage: Stage) -> int:
    """Add the bank accounts of the file to the stored ones; return the number of new ones. None is removed."""
    if not stage.has("iban"):
        return 0
    return stage.execute(
        """INSERT INTO account_iban (account_id, iban) SELECT a.id, s.iban FROM {stage} AS s JOIN account AS a ON a.code = s.account
            WHERE s.iban IS NOT NULL AND NOT EXISTS (SELECT 1 FROM account_iban AS x WHERE x.account_id = a.id AND x.iban = s.iban)
            ORDER BY s.n"""
    ).rowcount


def _keep_filled(stage: Stage) -> None:
    """Give the rows of a file of invoices or the like what the accounts have already.

    So the name and the address of the list of customers stay, whichever file is imported first.
    """
    if not stage.only_fills:
        return
    for name, column in stage.targets.items():
        if name not in _NO_COLUMNS and name != "account":
            stage.execute(
                f'UPDATE {{stage}} AS s SET "{name}" = t.{column} FROM account AS t'
                f" WHERE t.code = s.account AND t.{column} IS NOT NULL"
            )


def _forget_addresses(stage: Stage) -> tuple[str, ...]:
    """Remove the e-mail addresses of anonymised persons."""
    if not stage.has("email") or not erased.is_any(stage):
        return ()
    left = stage.execute(
        f"UPDATE {{stage}} SET email = NULL WHERE email IS NOT NULL AND {erased.address('email')}"
    ).rowcount
    return (
        (
            f"{left} e-mail addresses are of people who were anonymised here, and {stage.verb('were', 'would be')} left out",
        )
        if left
        else ()
    )


def _target(stage: Stage) -> upsert.Target:
    columns = {column: f"s.{name}" for name, column in stage.targets.items() if name not in _NO_COLUMNS}
    if stage.has("credit_limit"):
        columns["credit_limit"] = "nullif(s.credit_limit, 0)"
    return upsert.Target(
        table="account",
        match="t.code = s.account",
        columns=columns,
        defaults={
            "status": f"CASE WHEN {'s.is_sales' if stage.has('is_sales') else '1'} = 0 THEN 'A' ELSE 'C' END",
            **dict.fromkeys(("is_supplier", "is_blocked", "is_mailing_excluded"), "0"),
            "is_sales": "1",
            "invoice_by": "'letter'",
            "added_run_id": str(int(stage.run_id)),
            **{name: f"iif(typeof(s.{name}) = 'integer', s.{name}, NULL)" for name in CLASSES if stage.has(name)},
        },
        required=_REQUIRED,
        keys=("code",),
        search=SEARCH,
    )


def _take_own_administration(stage: Stage) -> tuple[int, tuple[str, ...]]:
    """Move the administration's own relation (type D) from the accounts to the administration; return its changed fields, and notes.

    A filled cell replaces a field of the administration, except one that was set by hand; a cell of an audit file (type
    O) only fills a field that is empty.
    """
    if not stage.has("type"):
        return 0, ()
    names = [name for name in administration.FIELDS if stage.has(name) and name != "currency"]
    rows = stage.execute(
        f"SELECT {', '.join(['upper(type)', *names])} FROM {{stage}} WHERE upper(type) IN ('D', 'O') ORDER BY n"
    ).fetchall()
    if not rows:
        return 0, ()
    stage.execute("DELETE FROM {stage} WHERE upper(type) IN ('D', 'O')")
    kept = administration.by_hand(stage.db)
    if rows[0][0] == "O":
        kept |= {name for name, value in administration.read(stage.db).items() if value}
    said = {name: value for name, value in zip(names, rows[0][1:], strict=True) if value and name not in kept}
    changed = len(administration.change(stage.db, None, said))
    what = f"; {counted(changed, 'field')} of it {stage.verb('changed', 'would change')}" if changed else ""
    return changed, (f"{counted(len(rows), 'row')} of the administration itself, not an account{what}",)


def _take_codes(stage: Stage) -> None:
    """Set the code of accounts that were created by an invoice and are known only by GUID."""
    if stage.has("external_id"):
        stage.execute(
            "UPDATE account SET code = s.account, search_text = fold(s.account || char(10) || account.name) FROM {stage} AS s"
            " WHERE account.external_id = s.external_id"
            " AND account.code = account.external_id AND s.account NOT IN (SELECT code FROM account)"
        )


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else ''.

    A file of accounts needs a name, a credit limit or a classification, and a column that may identify them (--match).
    """
    if not {*account_candidates.IDENTIFYING, *_OF_ACCOUNTS} & {*fields}:
        return "account"
    return "" if {"name", "credit_limit"} & {*fields} or any(name.startswith("class") for name in fields) else "name"


def shows(fields: Sequence[str]) -> str:
    """Return which columns would show that a file has accounts, else ''. Records of other kinds have names and ids, too."""
    is_plain = "name" in fields and {*account_candidates.IDENTIFYING} & {*fields} and _OF_ACCOUNTS & {*fields}
    return "" if "account" in fields or is_plain else "account"


KIND = Kind(
    "account",
    "accounts",
    FIELDS,
    merge,
    rank=2,
    also=("customer", "customers", "supplier", "suppliers"),
    first_load=FIRST_LOAD,
    spans=(("start_date", "end_date"),),
    known={"account": "code"},
    check=check,
    shows=shows,
)
