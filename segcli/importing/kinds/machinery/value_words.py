"""The words of files for values that are one of a few: yes and no, statuses, types, frequencies; in English and Dutch."""

from collections.abc import Mapping

from segcli.domain.requests import STATUSES

# English and Dutch month names, full and abbreviated.
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januari jan", "february februari feb", "march maart mar mrt", "april apr", "may mei", "june juni jun",
            "july juli jul", "august augustus aug", "september sep sept", "october oktober oct okt", "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
YES = frozenset({"1", "true", "yes", "y", "ja", "j", "waar", "x"})
NO = frozenset({"0", "false", "no", "n", "nee", "onwaar", "-"})
STATUS = {
    "a": "A", "none": "A", "geen": "A", "s": "S", "suspect": "S", "p": "P", "prospect": "P",
    "c": "C", "customer": "C", "klant": "C",
}  # fmt: skip
_ENTRY_TYPES = {
    "sales": "sales", "verkoop": "sales", "purchase": "purchase", "inkoop": "purchase", "cash": "cash", "kas": "cash",
    "bank": "bank", "general": "general", "memoriaal": "general", "memorial": "general", "opening": "opening",
    "beginbalans": "opening", "other": "other", "overig": "other",
}  # fmt: skip
_INVOICE_STATUSES = {
    "draft": "draft", "concept": "draft", "10": "draft", "open": "open", "20": "open", "processed": "processed",
    "verwerkt": "processed", "50": "processed", "final": "processed",
    "cancelled": "cancelled", "canceled": "cancelled", "geannuleerd": "cancelled", "void": "cancelled", "voided": "cancelled",
    # Words of other programs for what is final, whether it was paid or not.
    **dict.fromkeys(("posted", "sent", "unpaid", "partlypaid", "partiallypaid", "paid", "overdue", "return", "creditnoteissued",
                     "verzonden", "betaald", "onbetaald", "verlopen", "bezahlt", "offen", "fällig", "payée", "impayée"), "processed"),
}  # fmt: skip
_DELIVERIES = {
    "letter": "letter",
    "paper": "letter",
    "post": "letter",
    "brief": "letter",
    "email": "email",
    "e-mail": "email",
}
_BALANCE_TYPES = {
    "b": "B",
    "balance": "B",
    "balans": "B",
    "p": "P",
    "profitandloss": "P",
    "w": "P",
    "winstenverlies": "P",
}
_PERIOD_TYPES = {
    "basic": "basic", "basis": "basic", "1": "basic", "offer": "offer", "specialoffer": "offer", "special": "offer",
    "aanbieding": "offer", "actie": "offer", "2": "offer",
}  # fmt: skip
_PRICE_BASES = {"sales": "sales", "verkoopprijs": "sales", "verkoop": "sales", "cost": "cost", "kostprijs": "cost"}
_SUBLEDGERS = {"debtors": "debtors", "debiteuren": "debtors", "creditors": "creditors", "crediteuren": "creditors"}
_FREQUENCIES = {
    word: name
    for name, words in {
        "weekly": "weekly week w wekelijks perweek everyweek",
        "monthly": "monthly month m maand maandelijks permaand permonth everymonth 1",
        "quarterly": "quarterly quarter q kwartaal perkwartaal perquarter everyquarter 3",
        "half-yearly": "half-yearly halfyearly half-year halfyear semiannual semi-annual halfjaar halfjaarlijks perhalfjaar "
        "perhalfyear 6",
        "yearly": "yearly year y annual annually jaar jaarlijks perjaar peryear everyyear 12",
    }.items()
    for word in words.split()
}
_TIMINGS = {
    "advance": "advance", "inadvance": "advance", "pre-paid": "advance", "prepaid": "advance", "vooraf": "advance", "vooruit": "advance",
    "arrears": "arrears", "inarrears": "arrears", "post-paid": "arrears", "postpaid": "arrears", "achteraf": "arrears",
}  # fmt: skip
_PRORATIONS = {"days": "days", "dagen": "days", "daily": "days", "prorata": "days", "naarrato": "days", "zero": "zero",
               "nothing": "zero", "niets": "zero", "full": "full", "none": "full", "geen": "full", "volledig": "full"}  # fmt: skip
_CONSENT_BASES = {
    "consent": "consent", "toestemming": "consent", "optin": "consent", "opt-in": "consent", "customer": "customer",
    "klant": "customer", "existingcustomer": "customer", "published": "published", "gepubliceerd": "published",
}  # fmt: skip
_INVOICES_PER = {"subscription": "subscription", "abonnement": "subscription", "account": "account", "relatie": "account",
                 "customer": "account", "klant": "account"}  # fmt: skip
_REQUEST_TYPES = {
    word: name
    for name, words in {
        "task": "task taak todo tasks",
        "service": "service servicerequest servicemelding melding serviceverzoek storing",
        "complaint": "complaint klacht",
        "event": "event afspraak gebeurtenis appointment meeting",
        "note": "note notitie communicationnote communicatie aantekening",
    }.items()
    for word in words.split()
}
REQUEST_STATUSES = {
    **{str(number): number for number in STATUSES}, **{word: number for number, word in STATUSES.items()},
    "vervallen": 0, "cancelled": 0, "geannuleerd": 0, "afgewezen": 5, "concept": 10, "new": 20, "nieuw": 20, "goedgekeurd": 30,
    "inprogress": 30, "inbehandeling": 30, "done": 40, "closed": 40, "completed": 40, "realized": 40, "gerealiseerd": 40,
    "afgesloten": 40, "gereed": 40, "verwerkt": 50,
}  # fmt: skip
# The types whose values are one of a few words: every word that is taken -> the value.
CHOICES: Mapping[str, Mapping[str, str]] = {
    "entry_type": _ENTRY_TYPES,
    "balance_type": _BALANCE_TYPES,
    "invoice_status": _INVOICE_STATUSES,
    "delivery": _DELIVERIES,
    "subledger": _SUBLEDGERS,
    "period_type": _PERIOD_TYPES,
    "price_base": _PRICE_BASES,
    "consent_basis": _CONSENT_BASES,
    "frequency": _FREQUENCIES,
    "request_type": _REQUEST_TYPES,
    "timing": _TIMINGS,
    "proration": _PRORATIONS,
    "invoice_per": _INVOICES_PER,
    "vat_category": {code.lower(): code for code in ("S", "Z", "E", "AE", "K", "G", "O")},
}
