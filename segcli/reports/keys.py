"""The keys of report files."""

from segcli.settings.keys import YES_NO, Key

REPORT = (
    Key("title", "text", "Title of the workbook, page or document.", "title: Debtors as of {as_of}"),
    Key("folder", "folder", "The folder for the files, relative to the report file. --folder overrides it.", "folder: /var/reports",
        "folder of the report file"),
    Key("as_of", "date", "Reference date. --as-of overrides it.", "as_of: 2026-06-30", "today"),
    Key("period", "period", "Period of the tables. --period overrides it.", "period: lastmonth"),
    Key("files", "list of files", "The files to write, all from one snapshot.", "files: [{file: debtors.xlsx, show: debtor-ageing}]",
        is_needed=True, shape=list),
    Key("mail", "mapping", "An e-mail with the files.", "mail: {to: board@example.com, subject: Debtors, draft: mail.eml}", shape=dict),
)  # fmt: skip
FILE = (
    Key("file", "file name", "Name of the file. Its extension gives the format.", "file: debtors-{as_of}.xlsx", is_needed=True),
    Key("parts", "list of parts", "Several tables in one file: xlsx, html, pdf or sqlite. A file of one table has the keys of a part.",
        "parts: [{show: debtor-ageing}, {show: outstanding-items}]", shape=list),
)  # fmt: skip
TILE_COMMANDS = (
    Key(
        "show",
        "overview and flags",
        "An overview: the words after `segcli show`.",
        "show: debtor-ageing --group-by class1",
    ),
    Key("score", "score and flags", "A score: the words after `segcli score`.", "score: abc --limit 20"),
)  # a preview of an action has no figure for a day on which it cannot be made
COMMANDS = (
    *TILE_COMMANDS,
    Key("segment", "method and flags", "A method of segments: the words after `segcli`, of cohort, profile, matrix and list results.",
        "segment: cohort --by quarter --chart"),
    Key("run", "action and flags", "The preview of an action: the words after `segcli run`. Nothing is applied.", "run: print-reminders"),
)  # fmt: skip
PART = (Key("title", "text", "Title of the table.", "title: Ageing by region", "title of the overview"), *COMMANDS)
DASHBOARD = (
    Key("dashboard", "file name", "Name of the page; it ends with .html.", "dashboard: sales-{period}.html", is_needed=True),
    Key("title", "text", "Heading of the page.", "title: Sales, {period}", "title of the report"),
    Key("tiles", "list of tiles", "Its figures.", "tiles: [{show: sales-analysis, sum: revenue}]", shape=list),
    Key("parts", "list of parts", "Its tables, each below its chart where it has --chart.",
        "parts: [{show: sales-analysis --group-by class2 --chart}]", shape=list),
)  # fmt: skip
FIGURES = (
    Key("count", "text", "Counts the rows; the word says what they are.", "count: customers"),
    Key("sum", "column", "Adds up a column over all rows: one amount per currency.", "sum: revenue"),
)
TILE = (
    Key("title", "text", "Title of the tile.", "title: Revenue", "title of the overview"),
    *TILE_COMMANDS,
    *FIGURES,
    Key(
        "compare",
        "previous, year, a date or a period",
        "Adds the difference with an earlier day or period.",
        "compare: previous",
    ),
)
ENTRY = (FILE[0], DASHBOARD[0]._replace(is_needed=False), *FILE[1:], *PART)  # an entry of files without `dashboard`
MAIL = (
    Key("to", "e-mail address or list", "Receivers.", "to: [board@example.com]", is_needed=True, shape=object),
    Key("cc", "e-mail address or list", "Receivers of a copy.", "cc: finance@example.com", shape=object),
    Key("from", "e-mail address", "Sender.", "from: finance@example.com", "letters.email of the configuration"),
    Key("subject", "text", "Subject.", "subject: Debtors, {period}", is_needed=True),
    Key("text", "text", "Text of the message.", 'text: "The figures are attached."'),
    Key("attach", "list of file names", "The files to attach, as named above.", "attach: [debtors.xlsx]", "all files", shape=list),
    Key("draft", "file name", "Write the message into this file.", "draft: mail-{period}.eml"),
    Key("send", "yes or no", "Send the message with the program of `sendmail`.", "send: yes", "no", YES_NO),
)  # fmt: skip
