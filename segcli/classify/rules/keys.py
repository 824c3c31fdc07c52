"""The keys of rule files and plan files."""

from segcli.settings.keys import Key

SOURCES = ("manual", "csv", "import", "rule")

RULE_FILE = (
    Key("version", "number", "Version of the format.", "version: 1", "1", ("1",)),
    Key("field", "label or class1 … class8", "The classification that the rules set.", "field: Customer value", is_needed=True),
    Key("scope", "expression", "The accounts that the rules classify. Other accounts keep their value.",
        "scope: status = customer and not blocked = yes", "all accounts"),
    Key("windows_need", "mapping of record kinds to windows", "Nothing is changed if the newest record of a kind is older than its window.",
        "windows_need: {invoice: 31d}", shape=dict),
    Key("keep", "list", "Values with these sources are not overwritten.", "keep: [manual, import]", "[manual]", SOURCES, shape=list),
    Key("otherwise", "keep, clear or a value", "What an account gets for which no rule holds.", "otherwise: clear", "keep"),
    Key("guards", "mapping", "Limits above which nothing is changed.", "guards: {max_changes: 15%}", shape=dict),
    Key("rules", "list of rules", "The rules in order. The first that holds gives the value.",
        'rules: [{id: rest, set: C, when: "*"}]', is_needed=True, shape=list),
    Key("tests", "list of tests", "Tests of the rules. They run before every plan; if one fails, nothing is planned.",
        "tests: [{given: {turnover(12m): 60k}, expect: A}]", shape=list),
)  # fmt: skip
WINDOWS = (
    Key("invoice", "window", "Sales invoices, by invoice date.", "invoice: 31d"),
    Key("purchase_invoice", "window", "Purchase invoices, by invoice date.", "purchase_invoice: 2m"),
    Key("outstanding_item", "window", "Outstanding items, by invoice date.", "outstanding_item: 31d"),
    Key("payment", "window", "Payments, by the date of allocation.", "payment: 14d"),
    Key("subscription", "window", "Subscriptions, by start date.", "subscription: 1y"),
    Key("request", "window", "Requests, by date.", "request: 4w"),
    Key("import", "window", "Imports of any kind, by the day they ran.", "import: 2d"),
)
GUARDS = (
    Key("max_changes", "number or percentage", "The most accounts that may change; a percentage is of the scope.", "max_changes: 15%"),
    Key("max_share", "mapping of a value to a number or percentage", "The most accounts that may have a value afterwards.",
        "max_share: {A: 20%}", shape=dict),
)  # fmt: skip
RULE = (
    Key("id", "text", "The name of the rule in plans and reasons; unique in the file.", "id: large", is_needed=True),
    Key("set", "value or clear", "The value that the rule gives.", "set: A", is_needed=True),
    Key("when", "expression, list or mapping", "The condition. All expressions of a list must hold; a mapping has all, any and none.",
        "when: {all: [turnover(12m) >= 8k], none: [blocked = yes]}", is_needed=True, shape=object),
    Key("hold", "expression", "A weaker condition for an account that has the value already.", "hold: turnover(12m) >= 7k"),
    Key("until", "date", "The last day on which the rule applies.", "until: 2026-12-31"),
    Key("why", "text", "The reason that plans and the log show. Fields and metrics in braces are filled in.",
        'why: "{turnover(12m)} in 12 months"', '"rule ID"'),
)  # fmt: skip
WHEN = (
    Key("all", "list", "All of these conditions hold.", "all: [turnover(12m) >= 8k, invoices(90d) > 0]", shape=list),
    Key(
        "any",
        "list",
        "At least one of these conditions holds.",
        "any: [last_invoice is empty, turnover(12m) = 0]",
        shape=list,
    ),
    Key("none", "list", "None of these conditions holds.", "none: [blocked = yes]", shape=list),
)
TEST = (
    Key("given", "mapping of a field or metric to a value", "The figures of an imaginary account. What is not given is empty or 0.",
        "given: {turnover(12m): 60k, class3: A}", shape=dict),
    Key("expect", "value, keep or clear", "What the rules must give.", "expect: A", is_needed=True),
)  # fmt: skip

PLAN = (
    Key("segcli_plan", "number", "Version of the format.", '"segcli_plan": 1', is_needed=True, shape=int),
    Key("made_by", "text", "The version of segcli that made the plan.", '"made_by": "segcli 0.1.0"'),
    Key("as_of", "date", "The reference date of the rules.", '"as_of": "2026-06-30"', is_needed=True),
    Key("fingerprint", "text", "A hash of the state of the database.", '"fingerprint": "5f1e…"', is_needed=True),
    Key("last_run", "number", "The last run in the database when the plan was made.", '"last_run": 12', is_needed=True, shape=int),
    Key("files", "list", "The rule files of the plan.", '"files": [{"path": "/home/me/value.yaml", "sha256": "9c0a…"}]',
        is_needed=True, shape=list),
    Key("selected", "number", "The number of accounts in the scope.", '"selected": 64', is_needed=True, shape=int),
    Key("sha256", "text", "A hash of the other keys. A plan that was edited is refused.", '"sha256": "77b2…"', is_needed=True),
    Key("changes", "list", "The changes, one per account and class.", '"changes": []', is_needed=True, shape=list),
)  # fmt: skip
PLAN_FILE = (
    Key("path", "text", "Absolute path of a rule file.", '"path": "/home/me/value.yaml"', is_needed=True),
    Key("sha256", "text", "A hash of its content.", '"sha256": "9c0a…"', is_needed=True),
)
CHANGE = (
    Key("account", "text", "Code of the account.", '"account": "000001"', is_needed=True),
    Key("class", "class1 … class8", "The class that changes.", '"class": "class3"', is_needed=True),
    Key("from", "text", "Code of the present value; empty if there is none.", '"from": "B"', is_needed=True),
    Key("to", "text", "Code of the new value; empty if it is cleared.", '"to": "A"', is_needed=True),
    Key("rule", "text", "Id of the rule; empty if no rule holds.", '"rule": "large"', is_needed=True),
    Key("why", "text", "The reason.", '"why": "12,400.00 in 12 months"', is_needed=True),
)
