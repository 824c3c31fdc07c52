-- The whole database of segcli. One administration a file.
--
-- Dates are ISO text `…_date`. Money is an integer of minor units (cents; none for JPY, thousandths for KWD)
-- `…_amount` in the currency beside it. Booleans are `is_…`. Columns are called as in Exact Online's API where
-- it has them. The rules stand here: STRICT, NOT NULL, CHECK, UNIQUE, REFERENCES; the program does not repeat them.

PRAGMA application_id = 1936025449;  -- 'segi': a segcli administration
PRAGMA user_version = 10;            -- the version of this schema; segcli/storage/migrations.py brings older files here

-- ---------------------------------------------------------------------------------------------- runs
-- One command that wrote = one run: what `log` lists and `undo` takes back.
CREATE TABLE run (
  id             INTEGER PRIMARY KEY,
  command        TEXT NOT NULL,                    -- 'tag', 'import', 'classification merge', …
  source         TEXT NOT NULL CHECK (source IN ('manual', 'csv', 'rule', 'import', 'undo')),
  reason         TEXT,                             -- the user's own words
  summary        TEXT NOT NULL DEFAULT '',         -- '51 added, 2 changed'
  user_name      TEXT NOT NULL,
  started_at     TEXT NOT NULL,                    -- UTC, 2026-01-31T12:00:00Z
  undoes_run_id  INTEGER REFERENCES run (id),
  outbox         TEXT,                             -- the hidden folder in which it prepared what it printed
  batch_id       INTEGER REFERENCES run (id),      -- of an import: the first run of its command; all of them are undone together
  wrote          TEXT                              -- of an import: the tables that it wrote to: 'account contact'
) STRICT;
CREATE INDEX run_undoes ON run (undoes_run_id) WHERE undoes_run_id IS NOT NULL;
CREATE INDEX run_batch ON run (batch_id) WHERE batch_id IS NOT NULL;

-- The version of each table: raised, by a random step, in every transaction that writes to the table. Two copies of a database with
-- the same version of a table hold the same rows in it, whatever was written to either. No row: version 0. The sqlite3 shell raises none.
CREATE TABLE table_version (
  name   TEXT PRIMARY KEY,
  number INTEGER NOT NULL
) STRICT;

-- What undo needs to take an import back (segcli/undo): kept for undo.keep (config.example.yaml), then deleted by a later import.
-- Rows that an import added to a table whose ids count up: all from the first to the last id.
CREATE TABLE import_added (
  id         INTEGER PRIMARY KEY,
  run_id     INTEGER NOT NULL REFERENCES run (id),
  table_name TEXT NOT NULL,
  first_id   INTEGER NOT NULL,
  last_id    INTEGER NOT NULL,
  CHECK (first_id <= last_id)
) STRICT;
CREATE INDEX import_added_run ON import_added (run_id);

-- A field that an import changed: its value before and after. Without a column it is a whole row as JSON: old, one that was
-- deleted; new, one that was added to a table with keys of its own.
CREATE TABLE import_change (
  id          INTEGER PRIMARY KEY,
  run_id      INTEGER NOT NULL REFERENCES run (id),
  table_name  TEXT NOT NULL,
  row_key     ANY NOT NULL,                        -- the id, or the columns of the primary key as a JSON array
  column_name TEXT,
  old_value   ANY,
  new_value   ANY
) STRICT;
CREATE INDEX import_change_run ON import_change (run_id);

-- What was read from a file, so that the same file again is known at once.
CREATE TABLE imported_file (
  id        INTEGER PRIMARY KEY,
  run_id    INTEGER NOT NULL REFERENCES run (id),
  name      TEXT NOT NULL,                         -- without its folder
  sha256    TEXT NOT NULL,                         -- of its bytes and of how they were understood
  row_count INTEGER NOT NULL
) STRICT;
CREATE INDEX imported_file_name ON imported_file (name, id);

-- The administration itself: relation 000000 in Exact Online, never an account to search or to write to.
CREATE TABLE administration (
  id                  INTEGER PRIMARY KEY CHECK (id = 1),
  name                TEXT NOT NULL,
  currency            TEXT NOT NULL DEFAULT 'EUR' CHECK (length(currency) = 3 AND currency = upper(currency)),
  address             TEXT,
  postcode            TEXT,
  city                TEXT,
  country             TEXT,
  phone               TEXT,
  email               TEXT,
  website             TEXT,
  vat_number          TEXT,
  chamber_of_commerce TEXT,
  iban                TEXT,                        -- that is paid to; without blanks
  bic                 TEXT,
  mailing_salt        TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))), -- of the hashes of addresses that opted out
  identity            TEXT NOT NULL DEFAULT (lower(hex(randomblob(16))))  -- of this database and its copies: whose a lake is
) STRICT;

-- What one unit of the administration's currency costs in another one on a day: 1.0583 USD for 1 EUR. A document takes the
-- last rate on or before its own date.
CREATE TABLE exchange_rate (
  id        INTEGER PRIMARY KEY,
  currency  TEXT NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  rate_date TEXT NOT NULL CHECK (coalesce(rate_date = date(rate_date, '+0 days'), 0)),
  rate      TEXT NOT NULL CHECK (rate GLOB '[0-9]*' AND rate NOT GLOB '*[^0-9.]*' AND CAST(rate AS REAL) > 0),
  UNIQUE (currency, rate_date)
) STRICT;

-- Every change of the administration's own data, so that undo can take it back.
CREATE TABLE administration_change (
  id        INTEGER PRIMARY KEY,
  run_id    INTEGER NOT NULL REFERENCES run (id),
  field     TEXT NOT NULL,
  old_value TEXT,
  new_value TEXT
) STRICT;
CREATE INDEX administration_change_run ON administration_change (run_id);

-- ---------------------------------------------------------------------------------------- classifications
CREATE TABLE classification_label (
  field       INTEGER PRIMARY KEY CHECK (field BETWEEN 1 AND 8),
  label       TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (label = trim(label) AND label <> ''),
  external_id TEXT UNIQUE,                         -- its GUID in Exact Online
  -- How it is compared: composed, without case and hidden characters. NULL: an upgrade found another one of this key.
  label_key   TEXT UNIQUE
) STRICT;

-- The id says the field: 3000001 is a value of field 3. So a CHECK on account keeps it out of class5.
CREATE TABLE classification_value (
  id             INTEGER PRIMARY KEY,
  field          INTEGER NOT NULL REFERENCES classification_label (field),
  code           TEXT NOT NULL COLLATE NOCASE
                 CHECK (code = trim(code) AND code <> '' AND lower(code) NOT IN ('none', 'any')
                        AND NOT code GLOB '*[,:*?]*' AND instr(code, '[') = 0),
  description    TEXT NOT NULL DEFAULT '',
  position       INTEGER NOT NULL DEFAULT 0,       -- the order in lists; the code decides where it is equal
  is_retired     INTEGER NOT NULL DEFAULT 0 CHECK (is_retired IN (0, 1)),  -- kept on accounts, refused for new ones
  retired_run_id INTEGER REFERENCES run (id),           -- the merge that retired it; undo of that run brings it back
  external_id    TEXT UNIQUE,                      -- its GUID in Exact Online
  code_key       TEXT,                             -- how the code is compared, as label_key
  CHECK (id / 1000000 = field),
  UNIQUE (field, code),
  UNIQUE (field, code_key)
) STRICT;

-- ------------------------------------------------------------------------------------------------ accounts
CREATE TABLE account (
  id                  INTEGER PRIMARY KEY,
  code                TEXT NOT NULL UNIQUE CHECK (code = trim(code) AND code <> ''),
  name                TEXT NOT NULL,
  status              TEXT NOT NULL DEFAULT 'C' CHECK (status IN ('A', 'S', 'P', 'C')),  -- none, suspect, prospect, customer
  search_code         TEXT,
  is_sales            INTEGER NOT NULL DEFAULT 1 CHECK (is_sales IN (0, 1)),
  is_supplier         INTEGER NOT NULL DEFAULT 0 CHECK (is_supplier IN (0, 1)),
  is_blocked          INTEGER NOT NULL DEFAULT 0 CHECK (is_blocked IN (0, 1)),
  is_mailing_excluded INTEGER NOT NULL DEFAULT 0 CHECK (is_mailing_excluded IN (0, 1)),
  start_date          TEXT CHECK (start_date IS NULL OR start_date IS date(start_date, '+0 days')),
  end_date            TEXT CHECK (end_date IS NULL OR end_date IS date(end_date, '+0 days')),
  address             TEXT,
  postcode            TEXT,
  city                TEXT,
  state               TEXT,
  country             TEXT,                        -- ISO 3166-1 alpha-2 where the source has it so
  phone               TEXT,
  fax                 TEXT,
  email               TEXT,
  website             TEXT,
  vat_number          TEXT,
  chamber_of_commerce TEXT,
  language            TEXT,
  manager             TEXT,
  sector              TEXT,
  currency            TEXT CHECK (length(currency) = 3 AND currency = upper(currency)),
  payment_condition   TEXT,                        -- the code of one, known or not yet
  credit_limit        INTEGER CHECK (credit_limit > 0),  -- in the administration's currency; none: no limit
  invoice_by          TEXT NOT NULL DEFAULT 'letter' CHECK (invoice_by IN ('letter', 'email')),  -- how it wants its invoices
  remarks             TEXT,
  external_id         TEXT,
  class1              INTEGER REFERENCES classification_value (id) CHECK (class1 / 1000000 = 1),
  class2              INTEGER REFERENCES classification_value (id) CHECK (class2 / 1000000 = 2),
  class3              INTEGER REFERENCES classification_value (id) CHECK (class3 / 1000000 = 3),
  class4              INTEGER REFERENCES classification_value (id) CHECK (class4 / 1000000 = 4),
  class5              INTEGER REFERENCES classification_value (id) CHECK (class5 / 1000000 = 5),
  class6              INTEGER REFERENCES classification_value (id) CHECK (class6 / 1000000 = 6),
  class7              INTEGER REFERENCES classification_value (id) CHECK (class7 / 1000000 = 7),
  class8              INTEGER REFERENCES classification_value (id) CHECK (class8 / 1000000 = 8),
  search_text         TEXT NOT NULL DEFAULT '',    -- what account-search looks through, folded (segcli/base/text.py)
  added_run_id        INTEGER REFERENCES run (id)       -- the import that brought it: its first classes came with it
) STRICT;
CREATE UNIQUE INDEX account_external_id ON account (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX account_suppressed ON account (id) WHERE is_blocked = 1 OR is_mailing_excluded = 1 OR end_date IS NOT NULL;
CREATE INDEX account_class1 ON account (class1) WHERE class1 IS NOT NULL;
CREATE INDEX account_class2 ON account (class2) WHERE class2 IS NOT NULL;
CREATE INDEX account_class3 ON account (class3) WHERE class3 IS NOT NULL;
CREATE INDEX account_class4 ON account (class4) WHERE class4 IS NOT NULL;
CREATE INDEX account_class5 ON account (class5) WHERE class5 IS NOT NULL;
CREATE INDEX account_class6 ON account (class6) WHERE class6 IS NOT NULL;
CREATE INDEX account_class7 ON account (class7) WHERE class7 IS NOT NULL;
CREATE INDEX account_class8 ON account (class8) WHERE class8 IS NOT NULL;

-- What an account is called elsewhere: 'odoo:res_partner_12', 'shopify:7001'. A file that knows no code finds it by this.
CREATE TABLE account_reference (
  id         INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  reference  TEXT NOT NULL UNIQUE CHECK (reference GLOB '[a-z]*:?*')  -- the program, a colon, and its own name or id
) STRICT;
CREATE INDEX account_reference_account ON account_reference (account_id);

-- The bank accounts of an account, by which payments find it. Two accounts may have the same one.
CREATE TABLE account_iban (
  id         INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  iban       TEXT NOT NULL CHECK (iban = upper(iban) AND iban NOT GLOB '* *' AND iban <> ''),  -- without blanks
  UNIQUE (account_id, iban)
) STRICT;
CREATE INDEX account_iban_iban ON account_iban (iban);

-- Any part of a word finds it (trigrams); accents and case are folded before, since SQLite folds ASCII only.
CREATE VIRTUAL TABLE account_search USING fts5 (
  search_text, content = 'account', content_rowid = 'id', tokenize = 'trigram', detail = 'none', columnsize = 0
);
CREATE TRIGGER account_search_insert AFTER INSERT ON account BEGIN
  INSERT INTO account_search (rowid, search_text) VALUES (new.id, new.search_text);
END;
CREATE TRIGGER account_search_update AFTER UPDATE OF search_text ON account
WHEN old.search_text IS NOT new.search_text BEGIN
  INSERT INTO account_search (account_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
  INSERT INTO account_search (rowid, search_text) VALUES (new.id, new.search_text);
END;
CREATE TRIGGER account_search_delete AFTER DELETE ON account BEGIN
  INSERT INTO account_search (account_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
END;

-- Every change of a classification; who, when and from what stand in its run. The values that an account was
-- added with are no changes: they follow from added_run_id, and `history` shows both.
CREATE TABLE classification_change (
  id           INTEGER PRIMARY KEY,
  run_id       INTEGER NOT NULL REFERENCES run (id),
  account_id   INTEGER NOT NULL REFERENCES account (id),
  field        INTEGER NOT NULL CHECK (field BETWEEN 1 AND 8),
  old_value_id INTEGER REFERENCES classification_value (id) CHECK (old_value_id / 1000000 = field),
  new_value_id INTEGER REFERENCES classification_value (id) CHECK (new_value_id / 1000000 = field),
  CHECK (old_value_id IS NOT new_value_id)
) STRICT;
CREATE INDEX classification_change_account ON classification_change (account_id, field, id);
CREATE INDEX classification_change_run ON classification_change (run_id);

-- Classes that rules give for earlier days, calculated afterwards (rules apply --backfill). Only matrix and cohort read them; the
-- history, --as-of-class and `was` show what the classes really were. A run has a row for each day and field; the accounts without
-- a row below it had no class.
CREATE TABLE class_backfill (
  id         INTEGER PRIMARY KEY,
  run_id     INTEGER NOT NULL REFERENCES run (id),
  field      INTEGER NOT NULL CHECK (field BETWEEN 1 AND 8),
  class_date TEXT NOT NULL CHECK (coalesce(class_date = date(class_date, '+0 days'), 0)),
  UNIQUE (run_id, field, class_date)
) STRICT;
CREATE TABLE class_backfill_value (
  class_backfill_id INTEGER NOT NULL REFERENCES class_backfill (id) ON DELETE CASCADE,
  account_id        INTEGER NOT NULL REFERENCES account (id),
  value_id          INTEGER NOT NULL REFERENCES classification_value (id),
  PRIMARY KEY (class_backfill_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX class_backfill_value_account ON class_backfill_value (account_id);

-- A value that an account names by its GUID before the value itself was imported.
CREATE TABLE pending_classification (
  account_id  INTEGER NOT NULL REFERENCES account (id),
  field       INTEGER NOT NULL CHECK (field BETWEEN 1 AND 8),
  external_id TEXT NOT NULL,
  PRIMARY KEY (account_id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_classification_external_id ON pending_classification (external_id);

-- A selection that was given a name: the flags it was saved with.
CREATE TABLE selection (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name = trim(name) AND name <> ''),
  flags       TEXT NOT NULL,                     -- JSON: {"class1": ["N"], "search": "jansen"}
  description TEXT NOT NULL DEFAULT '',
  name_key    TEXT UNIQUE                        -- how the name is compared, as label_key
) STRICT;

-- ------------------------------------------------------------------------------------------------ contacts
CREATE TABLE contact (
  id                  INTEGER PRIMARY KEY,
  account_id          INTEGER NOT NULL REFERENCES account (id),
  code                TEXT NOT NULL CHECK (code = trim(code) AND code <> ''),  -- unique within its account
  name                TEXT NOT NULL,
  first_name          TEXT,
  middle_name         TEXT,
  last_name           TEXT,
  job_title           TEXT,
  email               TEXT,
  phone               TEXT,
  mobile              TEXT,
  language            TEXT,
  is_main_contact     INTEGER NOT NULL DEFAULT 0 CHECK (is_main_contact IN (0, 1)),
  is_mailing_excluded INTEGER NOT NULL DEFAULT 0 CHECK (is_mailing_excluded IN (0, 1)),
  end_date            TEXT CHECK (end_date IS NULL OR end_date IS date(end_date, '+0 days')),
  notes               TEXT,                        -- marketing notes
  consent_basis       TEXT CHECK (consent_basis IN ('consent', 'customer', 'published')),  -- why it may be written to
  consent_source      TEXT,                        -- where that was said: 'web form'
  consent_date        TEXT CHECK (consent_date IS NULL OR consent_date IS date(consent_date, '+0 days')),
  external_id         TEXT,
  search_text         TEXT NOT NULL DEFAULT '',
  UNIQUE (account_id, code)
) STRICT;
CREATE INDEX contact_suppressed ON contact (id) WHERE is_mailing_excluded = 1 OR end_date IS NOT NULL;
CREATE UNIQUE INDEX contact_external_id ON contact (external_id) WHERE external_id IS NOT NULL;
CREATE VIRTUAL TABLE contact_search USING fts5 (
  search_text, content = 'contact', content_rowid = 'id', tokenize = 'trigram', detail = 'none', columnsize = 0
);
CREATE TRIGGER contact_search_insert AFTER INSERT ON contact BEGIN
  INSERT INTO contact_search (rowid, search_text) VALUES (new.id, new.search_text);
END;
CREATE TRIGGER contact_search_update AFTER UPDATE OF search_text ON contact
WHEN old.search_text IS NOT new.search_text BEGIN
  INSERT INTO contact_search (contact_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
  INSERT INTO contact_search (rowid, search_text) VALUES (new.id, new.search_text);
END;
CREATE TRIGGER contact_search_delete AFTER DELETE ON contact BEGIN
  INSERT INTO contact_search (contact_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
END;

-- ------------------------------------------------------------------------------------------ marketing lists
-- A list of contacts with a name: kept by `list sync` as its selection says (add: only added to; full: taken away, too), or
-- static, as it was when it was made.
CREATE TABLE marketing_list (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name = trim(name) AND name <> ''),
  flags       TEXT NOT NULL,                     -- JSON, as those of a selection
  sync        TEXT NOT NULL CHECK (sync IN ('add', 'full', 'static')),
  description TEXT NOT NULL DEFAULT '',
  name_key    TEXT UNIQUE,                         -- how the name is compared, as label_key
  -- A list with groups: the shares of A, B, … and the holdout in percent, as JSON; the word of which the groups are drawn; the day.
  split       TEXT,
  seed        TEXT,
  split_date  TEXT CHECK (coalesce(split_date = date(split_date, '+0 days'), split_date IS NULL)),
  CHECK ((split IS NULL) = (seed IS NULL) AND (split IS NULL) = (split_date IS NULL))
) STRICT;

-- The groups of a list, by account: A, B, … or holdout. An account keeps its group when its contacts leave the list, so that a
-- result counts everybody who was drawn. The code is the one it had then, of which the group follows; after a merge of accounts,
-- one account has the rows of both.
CREATE TABLE marketing_list_account (
  marketing_list_id INTEGER NOT NULL REFERENCES marketing_list (id) ON DELETE CASCADE,
  account_id        INTEGER NOT NULL REFERENCES account (id),
  account_code      TEXT NOT NULL,
  group_name        TEXT NOT NULL,
  group_date        TEXT NOT NULL CHECK (coalesce(group_date = date(group_date, '+0 days'), 0)),
  run_id            INTEGER NOT NULL REFERENCES run (id),
  PRIMARY KEY (marketing_list_id, account_id, account_code)
) STRICT, WITHOUT ROWID;
CREATE INDEX marketing_list_account_account ON marketing_list_account (account_id);
CREATE INDEX marketing_list_account_run ON marketing_list_account (run_id);

CREATE TABLE marketing_list_member (
  marketing_list_id INTEGER NOT NULL REFERENCES marketing_list (id) ON DELETE CASCADE,
  contact_id        INTEGER NOT NULL REFERENCES contact (id),
  PRIMARY KEY (marketing_list_id, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX marketing_list_member_contact ON marketing_list_member (contact_id);

CREATE TABLE marketing_list_change (
  id                INTEGER PRIMARY KEY,
  run_id            INTEGER NOT NULL REFERENCES run (id),
  marketing_list_id INTEGER NOT NULL REFERENCES marketing_list (id) ON DELETE CASCADE,
  contact_id        INTEGER NOT NULL REFERENCES contact (id),
  was_added         INTEGER NOT NULL CHECK (was_added IN (0, 1))
) STRICT;
CREATE INDEX marketing_list_change_run ON marketing_list_change (run_id);

-- Addresses that want nothing, as salted hashes: they stay blocked though the contact goes and comes in again.
CREATE TABLE opt_out (
  address_hash TEXT PRIMARY KEY,
  opt_out_date TEXT NOT NULL CHECK (coalesce(opt_out_date = date(opt_out_date, '+0 days'), 0)),
  source       TEXT,
  run_id       INTEGER NOT NULL REFERENCES run (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX opt_out_run ON opt_out (run_id);

-- People whose data were taken away for good: salted hashes of their code, name and GUID, by which their rows in the next file are
-- known and left out.
CREATE TABLE anonymised (
  key_hash   TEXT PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contact (id),
  run_id     INTEGER NOT NULL REFERENCES run (id)
) STRICT, WITHOUT ROWID;

-- --------------------------------------------------------------------------------------------- receivables
-- When an invoice must be paid: so many days after its date.
CREATE TABLE payment_condition (
  id          INTEGER PRIMARY KEY,
  code        TEXT NOT NULL UNIQUE CHECK (code = trim(code) AND code <> ''),
  description TEXT NOT NULL DEFAULT '',
  days        INTEGER NOT NULL CHECK (days BETWEEN 0 AND 3650)
) STRICT;

-- A payment condition in an account's language; its description where there is none.
CREATE TABLE payment_condition_text (
  id           INTEGER PRIMARY KEY,
  condition_id INTEGER NOT NULL REFERENCES payment_condition (id),
  language     TEXT NOT NULL CHECK (length(language) = 2 AND language = lower(language)),
  text         TEXT NOT NULL CHECK (text <> ''),
  UNIQUE (condition_id, language)
) STRICT;

-- An outstanding item: an invoice term (positive), a credit note or an unallocated receipt (negative).
-- Its amounts are in its own currency; base amounts are in the administration's: as a file states them, else calculated at
-- the exchange rate of the item's date (is_base_derived), else none.
CREATE TABLE outstanding_item (
  id             INTEGER PRIMARY KEY,
  account_id     INTEGER NOT NULL REFERENCES account (id),
  item_key       TEXT NOT NULL,                    -- what makes it the same item in the next file
  invoice_number TEXT,                             -- none: an unallocated receipt
  term           INTEGER NOT NULL DEFAULT 1 CHECK (term >= 1),
  journal        TEXT,
  entry_number   TEXT,
  line_number    TEXT,
  invoice_date   TEXT NOT NULL CHECK (coalesce(invoice_date = date(invoice_date, '+0 days'), 0)),
  due_date       TEXT CHECK (due_date IS NULL OR due_date IS date(due_date, '+0 days')),
  currency       TEXT NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  amount         INTEGER NOT NULL,
  base_amount    INTEGER,
  is_base_derived INTEGER NOT NULL DEFAULT 0 CHECK (is_base_derived IN (0, 1)),
  open_amount    INTEGER NOT NULL,                 -- amount less all allocations, kept by the triggers below
  description    TEXT,
  reference      TEXT,
  payment_condition   TEXT,
  is_disputed         INTEGER NOT NULL DEFAULT 0 CHECK (is_disputed IN (0, 1)),
  dispute_reason      TEXT,
  is_reminder_blocked INTEGER NOT NULL DEFAULT 0 CHECK (is_reminder_blocked IN (0, 1)),
  surplus_of     TEXT,                             -- the invoice of which a payment left this over
  external_id    TEXT
) STRICT;
CREATE UNIQUE INDEX outstanding_item_key ON outstanding_item (account_id, item_key);
CREATE INDEX outstanding_item_open
  ON outstanding_item (account_id, due_date, invoice_date, currency, amount, open_amount) WHERE open_amount <> 0;
CREATE INDEX outstanding_item_balance ON outstanding_item (account_id, currency, invoice_date, amount, base_amount);
CREATE INDEX outstanding_item_invoice ON outstanding_item (account_id, invoice_number);
CREATE INDEX outstanding_item_surplus ON outstanding_item (account_id, surplus_of) WHERE surplus_of IS NOT NULL;
CREATE INDEX outstanding_item_entry ON outstanding_item (account_id, entry_number) WHERE entry_number IS NOT NULL;
CREATE INDEX outstanding_item_foreign ON outstanding_item (account_id) WHERE base_amount IS NOT amount OR is_base_derived = 1;

-- What was paid or set off, with its own date, so that any as-of date can be answered:
-- open on a date = amount less the allocations up to and including that date. The sign is that of the item.
-- The base amount is at the rate of the payment, so that what is left of it once nothing is open is the exchange
-- difference. One dated before its invoice is an advance: until then it stands open as a receipt. What names no term is
-- spread over the terms of its invoice by date, the oldest first, and anew when an earlier payment comes in.
CREATE TABLE allocation (
  id              INTEGER PRIMARY KEY,
  item_id         INTEGER NOT NULL REFERENCES outstanding_item (id) ON DELETE CASCADE,
  allocation_key  TEXT NOT NULL,
  allocation_date TEXT NOT NULL CHECK (coalesce(allocation_date = date(allocation_date, '+0 days'), 0)),
  amount          INTEGER NOT NULL,
  base_amount     INTEGER,
  counter_item_id INTEGER REFERENCES outstanding_item (id) ON DELETE SET NULL,  -- the receipt or credit note set off
  is_advance      INTEGER NOT NULL DEFAULT 0 CHECK (is_advance IN (0, 1)),  -- kept by the triggers below
  is_stated       INTEGER NOT NULL DEFAULT 1 CHECK (is_stated IN (0, 1)),  -- 0: segcli spread it over the terms, and may again
  is_base_stated  INTEGER NOT NULL DEFAULT 0 CHECK (is_base_stated IN (0, 1)),  -- its file said the base amount; else it is the item's rate
  reference       TEXT,
  account_id      INTEGER,                         -- of its item, as the currency: kept by the triggers below
  currency        TEXT
) STRICT;
CREATE UNIQUE INDEX allocation_key ON allocation (item_id, allocation_key);
CREATE INDEX allocation_item ON allocation (item_id, allocation_date, amount);
CREATE INDEX allocation_balance ON allocation (account_id, currency, allocation_date, amount, base_amount);
CREATE INDEX allocation_date ON allocation (allocation_date, item_id);
CREATE INDEX allocation_counter ON allocation (counter_item_id) WHERE counter_item_id IS NOT NULL;
CREATE INDEX allocation_foreign ON allocation (item_id) WHERE base_amount IS NOT amount;
CREATE INDEX allocation_spread ON allocation (item_id) WHERE is_stated = 0;
CREATE INDEX allocation_advance ON allocation (allocation_date, item_id, amount) WHERE is_advance = 1;
CREATE TRIGGER allocation_insert AFTER INSERT ON allocation BEGIN
  UPDATE outstanding_item SET open_amount = open_amount - new.amount WHERE id = new.item_id;
  UPDATE allocation SET account_id = i.account_id, currency = i.currency, is_advance = new.allocation_date < i.invoice_date
    FROM outstanding_item AS i WHERE i.id = new.item_id AND allocation.id = new.id
     AND (new.account_id, new.currency, new.is_advance) IS NOT (i.account_id, i.currency, new.allocation_date < i.invoice_date);
END;
CREATE TRIGGER outstanding_item_moved AFTER UPDATE OF invoice_date, account_id, currency ON outstanding_item
WHEN (old.invoice_date, old.account_id, old.currency) IS NOT (new.invoice_date, new.account_id, new.currency) BEGIN
  UPDATE allocation SET account_id = new.account_id, currency = new.currency, is_advance = allocation_date < new.invoice_date
   WHERE item_id = new.id;
END;
CREATE TRIGGER allocation_update AFTER UPDATE OF amount, item_id ON allocation BEGIN
  UPDATE outstanding_item SET open_amount = open_amount + old.amount WHERE id = old.item_id;
  UPDATE outstanding_item SET open_amount = open_amount - new.amount WHERE id = new.item_id;
END;
CREATE TRIGGER allocation_moved AFTER UPDATE OF item_id, allocation_date ON allocation
WHEN (old.item_id, old.allocation_date) IS NOT (new.item_id, new.allocation_date) BEGIN
  UPDATE allocation SET account_id = i.account_id, currency = i.currency, is_advance = new.allocation_date < i.invoice_date
    FROM outstanding_item AS i WHERE i.id = new.item_id AND allocation.id = new.id;
END;
CREATE TRIGGER allocation_delete AFTER DELETE ON allocation BEGIN
  UPDATE outstanding_item SET open_amount = open_amount + old.amount WHERE id = old.item_id;
END;

-- ----------------------------------------------------------------------------------------- bank statements
-- A payment of a bank statement; positive: received. It is never changed by a later file. Its allocations and the unallocated
-- receipt that it makes bear the key 'bank ' and its own. They follow from the items that are known, and are decided again
-- whenever items, payments or bank accounts of accounts come in (segcli/importing/kinds/machinery/bank_matching.py).
CREATE TABLE bank_payment (
  id            INTEGER PRIMARY KEY,
  payment_key   TEXT NOT NULL UNIQUE,              -- our bank account, and the bank's own id or a digest of the content
  source        TEXT NOT NULL,                     -- the format of its file: camt.053, mt940, ing, …
  own_iban      TEXT NOT NULL,                     -- our bank account: an IBAN, or the bank's own number
  entry_id      TEXT,                              -- the bank's id of the entry that it is (a part of)
  is_batch      INTEGER NOT NULL DEFAULT 0 CHECK (is_batch IN (0, 1)),  -- a total, until its parts come in
  payment_date  TEXT NOT NULL CHECK (coalesce(payment_date = date(payment_date, '+0 days'), 0)),
  currency      TEXT NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  amount        INTEGER NOT NULL CHECK (amount <> 0),
  counter_iban  TEXT,
  counter_name  TEXT,
  description   TEXT,                              -- the remittance text
  reference     TEXT,                              -- structured: RF18…, a Belgian or Dutch payment reference
  end_to_end_id TEXT,
  is_reversal   INTEGER NOT NULL DEFAULT 0 CHECK (is_reversal IN (0, 1)),  -- it takes an earlier payment back
  reverses_id   INTEGER REFERENCES bank_payment (id) ON DELETE SET NULL,
  account_id    INTEGER REFERENCES account (id),   -- who paid, or was paid; none: unknown
  state         TEXT NOT NULL DEFAULT 'unmatched' CHECK (state IN ('matched', 'proposed', 'unmatched', 'settled', 'reversed')),
  decision      TEXT CHECK (decision IN ('accepted', 'rejected')),  -- of the user, on a proposal
  reason        TEXT                               -- why it is in this state
) STRICT;
CREATE INDEX bank_payment_like ON bank_payment (own_iban, amount, currency, payment_date);
CREATE INDEX bank_payment_entry ON bank_payment (own_iban, entry_id) WHERE entry_id IS NOT NULL;
CREATE INDEX bank_payment_account ON bank_payment (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX bank_payment_state ON bank_payment (state, id);
CREATE INDEX bank_payment_reverses ON bank_payment (reverses_id) WHERE reverses_id IS NOT NULL;

-- What a payment is matched with, or may be: the part of each item. Matched ones have an allocation, too.
CREATE TABLE bank_payment_item (
  id              INTEGER PRIMARY KEY,
  bank_payment_id INTEGER NOT NULL REFERENCES bank_payment (id) ON DELETE CASCADE,
  item_id         INTEGER NOT NULL REFERENCES outstanding_item (id) ON DELETE CASCADE,
  amount          INTEGER NOT NULL,
  UNIQUE (bank_payment_id, item_id)
) STRICT;
CREATE INDEX bank_payment_item_item ON bank_payment_item (item_id);

-- A receivables file that says what is open or paid settles its items (all ids from the first to the last) up to its date, the
-- last invoice or payment in it: bank payments of them up to that day are in its figures.
CREATE TABLE receivables_statement (
  id             INTEGER PRIMARY KEY,
  first_item_id  INTEGER NOT NULL,
  last_item_id   INTEGER NOT NULL,
  statement_date TEXT NOT NULL CHECK (coalesce(statement_date = date(statement_date, '+0 days'), 0)),
  import_date    TEXT NOT NULL CHECK (coalesce(import_date = date(import_date, '+0 days'), 0)),
  UNIQUE (first_item_id, last_item_id, statement_date)
) STRICT;

-- ------------------------------------------------------------------------------------------------- ledger
CREATE TABLE gl_account (
  id          INTEGER PRIMARY KEY,
  code        TEXT NOT NULL UNIQUE CHECK (code = trim(code) AND code <> ''),
  description TEXT NOT NULL DEFAULT '',
  type        TEXT CHECK (type IN ('B', 'P')),      -- balance sheet, profit and loss
  subledger   TEXT CHECK (subledger IN ('debtors', 'creditors')),  -- what its balance must agree with
  is_blocked  INTEGER NOT NULL DEFAULT 0 CHECK (is_blocked IN (0, 1)),
  external_id TEXT
) STRICT;

CREATE TABLE journal (
  id          INTEGER PRIMARY KEY,
  code        TEXT NOT NULL UNIQUE CHECK (code = trim(code) AND code <> ''),
  description TEXT NOT NULL DEFAULT '',
  type        TEXT CHECK (type IN ('sales', 'purchase', 'cash', 'bank', 'general', 'opening', 'other'))
) STRICT;

-- An entry is booked as a whole: its lines add up to zero (the import sees to it, `check` proves it).
CREATE TABLE entry (
  id             INTEGER PRIMARY KEY,
  journal_id     INTEGER NOT NULL REFERENCES journal (id),
  financial_year INTEGER NOT NULL CHECK (financial_year BETWEEN 1900 AND 9999),
  entry_number   TEXT NOT NULL,
  period         INTEGER CHECK (period BETWEEN 0 AND 999),
  type           TEXT CHECK (type IN ('sales', 'purchase', 'cash', 'bank', 'general', 'opening', 'other')),
  UNIQUE (journal_id, financial_year, entry_number)
) STRICT;

-- Amounts are in the administration's currency, debit positive; the foreign amount stands beside where there is one. A line of an
-- opening balance has the amount that its file states in opening_amount; amount is what it adds to the lines of earlier years.
CREATE TABLE transaction_line (
  id             INTEGER PRIMARY KEY,
  entry_id       INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
  line_number    TEXT NOT NULL,
  entry_date     TEXT NOT NULL CHECK (coalesce(entry_date = date(entry_date, '+0 days'), 0)),
  gl_account_id  INTEGER NOT NULL REFERENCES gl_account (id),
  account_id     INTEGER REFERENCES account (id),        -- none on most lines of bank, VAT or revenue
  amount         INTEGER NOT NULL,
  currency       TEXT CHECK (length(currency) = 3 AND currency = upper(currency)),
  foreign_amount INTEGER,
  description    TEXT,
  invoice_number TEXT,
  due_date       TEXT CHECK (due_date IS NULL OR due_date IS date(due_date, '+0 days')),
  reference      TEXT,
  vat_code       TEXT,
  quantity       TEXT,                              -- a decimal number, exactly as given
  external_id    TEXT,
  opening_amount INTEGER,                           -- as stated by an opening balance; none on other lines
  CHECK ((currency IS NULL) = (foreign_amount IS NULL)),
  UNIQUE (entry_id, line_number)
) STRICT;
CREATE INDEX transaction_line_account ON transaction_line (account_id, gl_account_id, entry_date, amount)
  WHERE account_id IS NOT NULL;
CREATE INDEX transaction_line_gl_account ON transaction_line (gl_account_id, entry_date, amount);
CREATE INDEX transaction_line_date ON transaction_line (entry_date);
CREATE INDEX transaction_line_opening ON transaction_line (entry_id) WHERE opening_amount IS NOT NULL;

-- ---------------------------------------------------------------------------------------------- reminders
-- A reminder that was sent: one letter, e-mail or call to an account about items of one currency.
CREATE TABLE reminder (
  id              INTEGER PRIMARY KEY,
  run_id          INTEGER NOT NULL REFERENCES run (id),
  account_id      INTEGER NOT NULL REFERENCES account (id),
  reminder_date   TEXT NOT NULL CHECK (coalesce(reminder_date = date(reminder_date, '+0 days'), 0)),
  level           INTEGER NOT NULL CHECK (level >= 1),   -- the highest of its items
  action          TEXT NOT NULL CHECK (action IN ('letter', 'email', 'phone', 'none')),
  language        TEXT NOT NULL,
  currency        TEXT NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  open_amount     INTEGER NOT NULL CHECK (open_amount > 0),
  fee_amount      INTEGER NOT NULL CHECK (fee_amount >= 0),
  interest_amount INTEGER NOT NULL CHECK (interest_amount >= 0),
  also_open_amount INTEGER NOT NULL DEFAULT 0 CHECK (also_open_amount >= 0),  -- other overdue items that the letter lists
  credit_amount   INTEGER NOT NULL DEFAULT 0 CHECK (credit_amount <= 0)  -- credits that it lists; it asks for no more than the balance
) STRICT;
CREATE INDEX reminder_account ON reminder (account_id, reminder_date);
CREATE INDEX reminder_run ON reminder (run_id);
CREATE INDEX reminder_date ON reminder (reminder_date);

-- An item is reminded of once a level: what makes the second run harmless.
CREATE TABLE reminder_line (
  item_id         INTEGER NOT NULL REFERENCES outstanding_item (id),
  level           INTEGER NOT NULL CHECK (level >= 1),
  reminder_id     INTEGER NOT NULL REFERENCES reminder (id) ON DELETE CASCADE,
  open_amount     INTEGER NOT NULL CHECK (open_amount > 0),
  interest_amount INTEGER NOT NULL CHECK (interest_amount >= 0),
  PRIMARY KEY (item_id, level)
) STRICT, WITHOUT ROWID;
CREATE INDEX reminder_line_reminder ON reminder_line (reminder_id);

-- -------------------------------------------------------------------------------------------------- e-mail
-- What `send` handed over: one row for each recipient of a message. It is written before the message leaves, so that a message
-- whose answer was lost is not sent again.
CREATE TABLE sent_message (
  id         INTEGER PRIMARY KEY,
  run_id     INTEGER NOT NULL REFERENCES run (id), -- the last one that sent it to this recipient
  digest     TEXT NOT NULL,                        -- sha256 of the draft
  position   INTEGER NOT NULL CHECK (position >= 0),  -- of the recipient in the draft: an address may be anonymised
  recipient  TEXT NOT NULL,
  message_id TEXT NOT NULL,                        -- its header Message-ID
  file_name  TEXT NOT NULL,                        -- of the draft, without its folder
  status     TEXT NOT NULL CHECK (status IN ('sent', 'refused', 'unknown')),  -- unknown: handed over, no answer came
  answer     TEXT NOT NULL,                        -- the server's words
  sent_at    TEXT NOT NULL,                        -- UTC
  UNIQUE (digest, position)
) STRICT;
CREATE INDEX sent_message_run ON sent_message (run_id);

-- ------------------------------------------------------------------------------------------ entry templates
CREATE TABLE entry_template (
  id          INTEGER PRIMARY KEY,
  code        TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (code = trim(code) AND code <> ''),
  description TEXT NOT NULL DEFAULT '',
  journal     TEXT NOT NULL,
  currency    TEXT CHECK (length(currency) = 3 AND currency = upper(currency)),  -- none: the administration's
  is_blocked  INTEGER NOT NULL DEFAULT 0 CHECK (is_blocked IN (0, 1))
) STRICT;

-- A line has a fixed amount, or a weight: its share of what is entered; or neither, and is filled in by hand.
CREATE TABLE entry_template_line (
  entry_template_id INTEGER NOT NULL REFERENCES entry_template (id) ON DELETE CASCADE,
  line_number       INTEGER NOT NULL CHECK (line_number >= 1),
  gl_account        TEXT NOT NULL,
  vat_code          TEXT,
  description       TEXT,
  amount            INTEGER,
  weight            INTEGER CHECK (weight >= 1),
  CHECK (amount IS NULL OR weight IS NULL),
  PRIMARY KEY (entry_template_id, line_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry_template_link (
  account_id        INTEGER NOT NULL REFERENCES account (id),
  entry_template_id INTEGER NOT NULL REFERENCES entry_template (id),
  is_main           INTEGER NOT NULL DEFAULT 0 CHECK (is_main IN (0, 1)),
  PRIMARY KEY (account_id, entry_template_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_template_link_template ON entry_template_link (entry_template_id);
CREATE UNIQUE INDEX entry_template_link_main ON entry_template_link (account_id) WHERE is_main = 1;

-- Every change of a link by an action, so that undo can take it back.
CREATE TABLE entry_template_link_change (
  id                INTEGER PRIMARY KEY,
  run_id            INTEGER NOT NULL REFERENCES run (id),
  account_id        INTEGER NOT NULL REFERENCES account (id),
  entry_template_id INTEGER NOT NULL REFERENCES entry_template (id),
  old_link          TEXT NOT NULL CHECK (old_link IN ('none', 'linked', 'main')),
  new_link          TEXT NOT NULL CHECK (new_link IN ('none', 'linked', 'main')),
  CHECK (old_link <> new_link)
) STRICT;
CREATE INDEX entry_template_link_change_run ON entry_template_link_change (run_id);

-- ---------------------------------------------------------------------------------------------- price lists
-- Prices, percentages and quantities have more decimals than amounts: they are TEXT, a plain decimal number of at most
-- nine decimals, written in one way (no plus, no needless zeros), and reckoned with exactly.
CREATE TABLE item_group (
  id          INTEGER PRIMARY KEY,
  code        TEXT NOT NULL UNIQUE CHECK (code = trim(code) AND code <> ''),
  description TEXT NOT NULL DEFAULT '',
  parent      TEXT                                 -- the code of the group that it is a part of, known or not yet
) STRICT;

-- What an item is called on paper in an account's language; its description where there is none.
CREATE TABLE item_text (
  id       INTEGER PRIMARY KEY,
  item_id  INTEGER NOT NULL REFERENCES item (id),
  language TEXT NOT NULL CHECK (length(language) = 2 AND language = lower(language)),
  text     TEXT NOT NULL CHECK (text <> ''),
  UNIQUE (item_id, language)
) STRICT;

-- Other units in which an item is sold: a dozen is 12 of its own, a gram 0.001.
CREATE TABLE item_unit (
  id      INTEGER PRIMARY KEY,
  item_id INTEGER NOT NULL REFERENCES item (id),
  unit    TEXT NOT NULL COLLATE NOCASE CHECK (unit = trim(unit) AND unit <> ''),
  factor  TEXT NOT NULL CHECK (factor GLOB '[0-9]*' AND factor NOT GLOB '*[^0-9.]*' AND factor <> '0'),
  UNIQUE (item_id, unit)
) STRICT;

CREATE TABLE price_list (
  id          INTEGER PRIMARY KEY,
  code        TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (code = trim(code) AND code <> ''),
  description TEXT NOT NULL DEFAULT '',
  currency    TEXT CHECK (length(currency) = 3 AND currency = upper(currency)),  -- none: the administration's
  rate        TEXT CHECK (rate GLOB '[0-9]*' AND rate NOT GLOB '*[^0-9.]*' AND rate <> '0'),  -- of its currency for one of the administration's
  is_standard INTEGER NOT NULL DEFAULT 0 CHECK (is_standard IN (0, 1)),  -- for every account, after its own list
  external_id TEXT UNIQUE                          -- its GUID in Exact Online
) STRICT;

-- Both dates are included; none is open.
CREATE TABLE price_list_period (
  id            INTEGER PRIMARY KEY,
  price_list_id INTEGER NOT NULL REFERENCES price_list (id),
  type          TEXT NOT NULL DEFAULT 'basic' CHECK (type IN ('basic', 'offer')),
  start_date    TEXT CHECK (start_date IS NULL OR start_date IS date(start_date, '+0 days')),
  end_date      TEXT CHECK (end_date IS NULL OR end_date IS date(end_date, '+0 days')),
  external_id   TEXT UNIQUE,
  CHECK (start_date <= end_date)
) STRICT;
CREATE UNIQUE INDEX price_list_period_key
  ON price_list_period (price_list_id, type, coalesce(start_date, ''), coalesce(end_date, ''));

-- A line is for an item, or a group of them, or everything, from a quantity on. It has a new price, or steps from a base
-- to the price, in this order: discount, rounding, surcharge, minimum and maximum margin over the base. The base is the
-- item's sales or cost price, a price of the line's own, or what another list gives (where that has no line: the item's
-- sales price, no standard list in between).
CREATE TABLE price_list_line (
  id                   INTEGER PRIMARY KEY,
  price_list_period_id INTEGER NOT NULL REFERENCES price_list_period (id) ON DELETE CASCADE,
  item_id              INTEGER REFERENCES item (id),
  item_group           TEXT,
  minimum_quantity     TEXT NOT NULL DEFAULT '0'
                       CHECK (minimum_quantity GLOB '[0-9]*' AND minimum_quantity NOT GLOB '*[^0-9.]*'),
  unit                 TEXT,                       -- of quantity and price; none: the item's own
  unit_factor          TEXT NOT NULL DEFAULT '1'   -- how many of the item's own unit go into it
                       CHECK (unit_factor GLOB '[0-9]*' AND unit_factor NOT GLOB '*[^0-9.]*' AND unit_factor <> '0'),
  base                 TEXT NOT NULL DEFAULT 'sales' CHECK (base IN ('sales', 'cost')),
  base_price           TEXT CHECK (base_price GLOB '[0-9]*' AND base_price NOT GLOB '*[^0-9.]*'),
  base_price_list_id   INTEGER REFERENCES price_list (id),
  new_price            TEXT CHECK (new_price GLOB '[0-9]*' AND new_price NOT GLOB '*[^0-9.]*'),
  discount             TEXT CHECK (discount NOT GLOB '*[^0-9.-]*'),      -- per cent; negative: dearer
  rounding             TEXT CHECK (rounding NOT GLOB '*[^0-9.]*'),       -- to multiples of it, halves away from zero
  surcharge            TEXT CHECK (surcharge NOT GLOB '*[^0-9.-]*'),
  minimum_margin       TEXT CHECK (minimum_margin NOT GLOB '*[^0-9.]*'),  -- none or 0: no limit
  maximum_margin       TEXT CHECK (maximum_margin NOT GLOB '*[^0-9.]*'),
  external_id          TEXT UNIQUE,
  CHECK (item_id IS NULL OR item_group IS NULL),
  CHECK (base_price IS NULL OR base_price_list_id IS NULL),
  CHECK ((new_price IS NOT NULL) = (coalesce(discount, rounding, surcharge, minimum_margin, maximum_margin) IS NULL))
) STRICT;
CREATE UNIQUE INDEX price_list_line_key ON price_list_line
  (price_list_period_id, coalesce(item_id, 0), coalesce(item_group, ''), minimum_quantity, unit_factor);

-- One price list per account.
CREATE TABLE price_list_link (
  account_id    INTEGER PRIMARY KEY REFERENCES account (id),
  price_list_id INTEGER NOT NULL REFERENCES price_list (id)
) STRICT;
CREATE INDEX price_list_link_list ON price_list_link (price_list_id);

-- Every change of a link by an action, so that undo can take it back.
CREATE TABLE price_list_link_change (
  id                INTEGER PRIMARY KEY,
  run_id            INTEGER NOT NULL REFERENCES run (id),
  account_id        INTEGER NOT NULL REFERENCES account (id),
  old_price_list_id INTEGER REFERENCES price_list (id),
  new_price_list_id INTEGER REFERENCES price_list (id),
  CHECK (old_price_list_id IS NOT new_price_list_id)
) STRICT;
CREATE INDEX price_list_link_change_run ON price_list_link_change (run_id);

-- ------------------------------------------------------------------------------------------ items and invoices
CREATE TABLE item (
  id          INTEGER PRIMARY KEY,
  code        TEXT NOT NULL UNIQUE CHECK (code = trim(code) AND code <> ''),
  description TEXT NOT NULL,
  item_group  TEXT,
  unit        TEXT,
  currency    TEXT CHECK (length(currency) = 3 AND currency = upper(currency)),
  sales_price INTEGER,
  cost_price  INTEGER,
  external_id TEXT UNIQUE                              -- its GUID in Exact Online
) STRICT;

CREATE TABLE vat_code (
  id          INTEGER PRIMARY KEY,
  code        TEXT NOT NULL UNIQUE CHECK (code = trim(code) AND code <> ''),
  description TEXT NOT NULL DEFAULT '',
  percent     TEXT NOT NULL DEFAULT '0',               -- a decimal number: '21'
  category    TEXT NOT NULL DEFAULT 'S' CHECK (category IN ('S', 'Z', 'E', 'AE', 'K', 'G', 'O'))  -- UNCL5305
) STRICT;

-- Three roles: who ordered (sales analysis), who is invoiced (debtors), where it goes. Draft: not to be sent yet;
-- open: to be processed; processed: numbered and final. A purchase invoice bears the supplier's number.
CREATE TABLE invoice (
  id                INTEGER PRIMARY KEY,
  kind              TEXT NOT NULL DEFAULT 'sales' CHECK (kind IN ('sales', 'purchase')),
  account_id        INTEGER NOT NULL REFERENCES account (id),   -- invoiced to
  ordered_by_id     INTEGER NOT NULL REFERENCES account (id),
  deliver_to_id     INTEGER NOT NULL REFERENCES account (id),
  invoice_number    TEXT CHECK (invoice_number <> ''),     -- none until it is processed
  invoice_date      TEXT NOT NULL CHECK (coalesce(invoice_date = date(invoice_date, '+0 days'), 0)),
  due_date          TEXT CHECK (due_date IS NULL OR due_date IS date(due_date, '+0 days')),
  status            TEXT NOT NULL DEFAULT 'processed' CHECK (status IN ('draft', 'open', 'processed')),
  currency          TEXT NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  net_amount        INTEGER NOT NULL,                      -- without VAT; negative on a credit note
  vat_amount        INTEGER NOT NULL,
  total_amount      INTEGER NOT NULL,
  is_summed         INTEGER NOT NULL DEFAULT 0 CHECK (is_summed IN (0, 1)),  -- its amounts follow from its lines
  exchange_rate     TEXT,                                  -- of its currency for one of the administration's, 'net/base net' where a
                                                           -- file states both; '1' in the administration's own; none: unknown
  is_rate_stated    INTEGER NOT NULL DEFAULT 0 CHECK (is_rate_stated IN (0, 1)),  -- by a file, or its own currency; else a rate of its date
  revenue_amount    INTEGER NOT NULL DEFAULT 0,            -- in 10,000ths: its lines, or net_amount where it has none
  base_revenue_amount INTEGER,                             -- the same in the administration's currency; none without a rate
  journal           TEXT,
  payment_condition TEXT,
  order_number      TEXT,
  your_reference    TEXT,
  original_number   TEXT,                                  -- what a credit note is for
  description       TEXT,
  sent_by           TEXT CHECK (sent_by IN ('letter', 'email')),
  sent_date         TEXT CHECK (sent_date IS NULL OR sent_date IS date(sent_date, '+0 days')),
  processed_run_id  INTEGER REFERENCES run (id),                -- the run that numbered it
  external_id       TEXT,
  CHECK (net_amount + vat_amount = total_amount),
  CHECK (status <> 'processed' OR invoice_number IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX invoice_sales ON invoice (invoice_number) WHERE kind = 'sales' AND invoice_number IS NOT NULL;
CREATE UNIQUE INDEX invoice_purchase ON invoice (account_id, invoice_number)
  WHERE kind = 'purchase' AND invoice_number IS NOT NULL;
CREATE UNIQUE INDEX invoice_external_id ON invoice (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX invoice_account ON invoice (account_id, invoice_date, currency, net_amount);
CREATE INDEX invoice_ordered_by ON invoice (ordered_by_id, invoice_date);
CREATE INDEX invoice_unstated ON invoice (id) WHERE is_rate_stated = 0;
CREATE INDEX invoice_processed ON invoice (processed_run_id) WHERE processed_run_id IS NOT NULL;

-- Quantities are in millionths; net and cost in 10,000ths of the smallest unit, so that nothing is lost where a line
-- is not rounded. The line of an invoice (it has VAT) that is worth quantity x price less discount is rounded to the
-- smallest unit (EN 16931 BR-CO-10); that of an order (it has none) is kept exactly, and rounds when it is shown.
CREATE TABLE invoice_line (
  id               INTEGER PRIMARY KEY,
  invoice_id       INTEGER NOT NULL REFERENCES invoice (id) ON DELETE CASCADE,
  line_number      INTEGER NOT NULL CHECK (line_number >= 0),
  item_id          INTEGER REFERENCES item (id),
  description      TEXT,
  quantity         INTEGER NOT NULL,
  unit             TEXT,
  unit_price       TEXT,                                   -- a decimal number, as given
  discount_percent TEXT,
  net_amount       INTEGER NOT NULL,
  cost_amount      INTEGER,
  vat_code         TEXT,
  vat_percent      TEXT,
  vat_amount       INTEGER,                                -- in the smallest unit; none: worked out for the invoice
  start_date       TEXT CHECK (start_date IS NULL OR start_date IS date(start_date, '+0 days')),  -- the period that it is for
  end_date         TEXT CHECK (end_date IS NULL OR end_date IS date(end_date, '+0 days')),
  UNIQUE (invoice_id, line_number)
) STRICT;
CREATE INDEX invoice_line_item ON invoice_line (item_id, invoice_id) WHERE item_id IS NOT NULL;

-- What sales-analysis adds up: processed invoices by who ordered (or supplied), month, item and currency. Kept current by every
-- command that changes invoices, in its own transaction; `check` proves it. An invoice without lines counts with its net amount.
-- An invoice is counted once per item, once per item group (at its first item of the group) and once in all (at its first
-- item), so that each count adds up over what it is for. cost_amount is what is known: uncosted_amount is the net of the lines
-- whose cost is not, uncosted_lines their number. base_ amounts are in the administration's currency; unconverted_lines is the
-- number of lines that have none.
CREATE TABLE invoice_summary (
  kind           TEXT NOT NULL,
  account_id     INTEGER NOT NULL REFERENCES account (id),
  month          TEXT NOT NULL,                            -- 2026-06
  item_id        INTEGER NOT NULL,                         -- 0: a line without an item, an invoice without lines
  currency       TEXT NOT NULL,
  quantity       INTEGER NOT NULL,
  net_amount     INTEGER NOT NULL,
  cost_amount    INTEGER NOT NULL,
  uncosted_amount      INTEGER NOT NULL,
  uncosted_lines       INTEGER NOT NULL,
  base_net_amount      INTEGER NOT NULL,
  base_cost_amount     INTEGER NOT NULL,
  base_uncosted_amount INTEGER NOT NULL,
  unconverted_lines    INTEGER NOT NULL,
  invoices       INTEGER NOT NULL,
  group_invoices INTEGER NOT NULL,
  all_invoices   INTEGER NOT NULL,
  PRIMARY KEY (account_id, kind, month, item_id, currency)
) STRICT, WITHOUT ROWID;
CREATE INDEX invoice_summary_uncosted ON invoice_summary (kind) WHERE uncosted_lines > 0;

-- -------------------------------------------------------------------------------------------- subscriptions
-- What subscriptions of a type have in common: how often and when they are invoiced.
CREATE TABLE subscription_type (
  id              INTEGER PRIMARY KEY,
  code            TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (code = trim(code) AND code <> ''),
  description     TEXT NOT NULL DEFAULT '',
  frequency       TEXT NOT NULL DEFAULT 'monthly'
                  CHECK (frequency IN ('weekly', 'monthly', 'quarterly', 'half-yearly', 'yearly')),
  frequency_count INTEGER NOT NULL DEFAULT 1 CHECK (frequency_count BETWEEN 1 AND 120),  -- every so many of them
  timing          TEXT NOT NULL DEFAULT 'advance' CHECK (timing IN ('advance', 'arrears')),
  proration       TEXT NOT NULL DEFAULT 'days' CHECK (proration IN ('days', 'zero', 'full')),  -- what a broken period costs
  is_calendar     INTEGER NOT NULL DEFAULT 0 CHECK (is_calendar IN (0, 1)),  -- periods are weeks from Monday, months, quarters, years
  invoice_per     TEXT NOT NULL DEFAULT 'subscription' CHECK (invoice_per IN ('subscription', 'account')),
  notice_days     INTEGER NOT NULL DEFAULT 30 CHECK (notice_days BETWEEN 0 AND 3660),  -- so long before its end it is to renew
  external_id     TEXT UNIQUE
) STRICT;

-- The three roles are those of an invoice. Its rhythm is that of its type, where it has none of its own.
CREATE TABLE subscription (
  id                   INTEGER PRIMARY KEY,
  subscription_number  TEXT NOT NULL UNIQUE CHECK (subscription_number = trim(subscription_number) AND subscription_number <> ''),
  account_id           INTEGER NOT NULL REFERENCES account (id),   -- invoiced to
  ordered_by_id        INTEGER NOT NULL REFERENCES account (id),
  deliver_to_id        INTEGER NOT NULL REFERENCES account (id),
  subscription_type    TEXT COLLATE NOCASE,                   -- the code of one, known or not yet
  description          TEXT,
  start_date           TEXT NOT NULL CHECK (coalesce(start_date = date(start_date, '+0 days'), 0)),
  end_date             TEXT CHECK (end_date IS NULL OR end_date IS date(end_date, '+0 days')),  -- its last day
  cancellation_date    TEXT CHECK (cancellation_date IS NULL OR cancellation_date IS date(cancellation_date, '+0 days')),  -- its last day, where that is earlier
  frequency            TEXT CHECK (frequency IN ('weekly', 'monthly', 'quarterly', 'half-yearly', 'yearly')),
  frequency_count      INTEGER CHECK (frequency_count BETWEEN 1 AND 120),
  timing               TEXT CHECK (timing IN ('advance', 'arrears')),
  invoice_day          INTEGER CHECK (invoice_day BETWEEN 1 AND 31),  -- of the month, on which periods begin; none: that of the start
  currency             TEXT NOT NULL CHECK (length(currency) = 3 AND currency = upper(currency)),
  payment_condition    TEXT,
  your_reference       TEXT,
  is_blocked           INTEGER NOT NULL DEFAULT 0 CHECK (is_blocked IN (0, 1)),
  invoiced_to_date     TEXT CHECK (invoiced_to_date IS NULL OR invoiced_to_date IS date(invoiced_to_date, '+0 days')),  -- as imported, for lines to come
  printed_date         TEXT CHECK (printed_date IS NULL OR printed_date IS date(printed_date, '+0 days')),
  printed_run_id       INTEGER REFERENCES run (id),
  remarks              TEXT,
  external_id          TEXT
) STRICT;
CREATE UNIQUE INDEX subscription_external_id ON subscription (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX subscription_account ON subscription (account_id);
CREATE INDEX subscription_ordered_by ON subscription (ordered_by_id);

-- A line that follows another, for the same item from the day after it ended, is the same service at another price.
CREATE TABLE subscription_line (
  id                 INTEGER PRIMARY KEY,
  subscription_id    INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
  line_number        INTEGER NOT NULL CHECK (line_number >= 1),
  item_id            INTEGER REFERENCES item (id),
  description        TEXT,
  quantity           INTEGER NOT NULL DEFAULT 1000000,       -- in millionths
  unit               TEXT,
  unit_price         TEXT,                                   -- for one period; a decimal number; none: automatic
  discount_percent   TEXT,
  period_amount      INTEGER,                                -- quantity x price less discount, as net_amount of an invoice line
  vat_code           TEXT,
  vat_percent        TEXT,                                   -- where no code says it
  start_date         TEXT CHECK (start_date IS NULL OR start_date IS date(start_date, '+0 days')),  -- none: with the subscription
  end_date           TEXT CHECK (end_date IS NULL OR end_date IS date(end_date, '+0 days')),
  is_once            INTEGER NOT NULL DEFAULT 0 CHECK (is_once IN (0, 1)),             -- with the first invoice, and never again
  is_automatic_price INTEGER NOT NULL DEFAULT 0 CHECK (is_automatic_price IN (0, 1)),  -- what `price` answers on the day
  is_never_revised   INTEGER NOT NULL DEFAULT 0 CHECK (is_never_revised IN (0, 1)),
  invoiced_to_date   TEXT CHECK (invoiced_to_date IS NULL OR invoiced_to_date IS date(invoiced_to_date, '+0 days')),  -- up to and including
  external_id        TEXT,
  CHECK (is_automatic_price = 1 OR (unit_price IS NOT NULL AND period_amount IS NOT NULL)),
  UNIQUE (subscription_id, line_number)
) STRICT;
CREATE UNIQUE INDEX subscription_line_external_id ON subscription_line (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX subscription_line_item ON subscription_line (item_id) WHERE item_id IS NOT NULL;

-- A period of a line that was invoiced; never twice, whatever is killed or run again.
CREATE TABLE subscription_period (
  subscription_line_id INTEGER NOT NULL REFERENCES subscription_line (id),
  start_date           TEXT NOT NULL CHECK (coalesce(start_date = date(start_date, '+0 days'), 0)),
  end_date             TEXT NOT NULL CHECK (coalesce(end_date = date(end_date, '+0 days'), 0)),
  invoice_id           INTEGER REFERENCES invoice (id),            -- none: it cost nothing
  line_number          INTEGER,                               -- of the invoice
  invoiced_before      TEXT,                                  -- invoiced_to_date of the line until then, for undo
  run_id               INTEGER NOT NULL REFERENCES run (id),
  CHECK (start_date <= end_date),
  PRIMARY KEY (subscription_line_id, start_date)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_period_run ON subscription_period (run_id);
CREATE INDEX subscription_period_invoice ON subscription_period (invoice_id) WHERE invoice_id IS NOT NULL;
CREATE TRIGGER subscription_period_once BEFORE INSERT ON subscription_period
WHEN (SELECT p.end_date FROM subscription_period AS p WHERE p.subscription_line_id = new.subscription_line_id
         AND p.start_date <= new.end_date ORDER BY p.start_date DESC LIMIT 1) >= new.start_date
BEGIN
  SELECT RAISE(ABORT, 'a period of this subscription line was invoiced before');
END;

-- Every change of a line's price by an action: the old line ended, a new one follows. So undo can take it back.
CREATE TABLE subscription_line_change (
  id           INTEGER PRIMARY KEY,
  run_id       INTEGER NOT NULL REFERENCES run (id),
  old_line_id  INTEGER NOT NULL REFERENCES subscription_line (id),
  old_end_date TEXT,
  new_line_id  INTEGER REFERENCES subscription_line (id)           -- none once it was taken back
) STRICT;
CREATE INDEX subscription_line_change_run ON subscription_line_change (run_id);

-- Every change from the command line, so that undo can take it back: of a subscription, or of the line that is named.
CREATE TABLE subscription_change (
  id              INTEGER PRIMARY KEY,
  run_id          INTEGER NOT NULL REFERENCES run (id),
  subscription_id INTEGER REFERENCES subscription (id) ON DELETE SET NULL,
  line_id         INTEGER REFERENCES subscription_line (id) ON DELETE SET NULL,
  old_values      TEXT,                            -- JSON: {"end_date": null}; none: it was added
  new_values      TEXT NOT NULL
) STRICT;
CREATE INDEX subscription_change_run ON subscription_change (run_id);

-- ------------------------------------------------------------------------------------------------ requests
-- What there is to do or was done for an account: tasks, service requests, complaints, events and notes.
CREATE TABLE request (
  id             INTEGER PRIMARY KEY,
  request_number TEXT NOT NULL UNIQUE CHECK (request_number = trim(request_number) AND request_number <> ''),
  type           TEXT NOT NULL DEFAULT 'task' CHECK (type IN ('task', 'service', 'complaint', 'event', 'note')),
  status         INTEGER NOT NULL DEFAULT 20 CHECK (status IN (0, 5, 10, 20, 30, 40, 50)),  -- void, rejected, draft, open, approved, realised, processed
  account_id     INTEGER REFERENCES account (id),
  contact_id     INTEGER REFERENCES contact (id),
  description    TEXT NOT NULL,                    -- one line: what it is about
  notes          TEXT,
  assignee       TEXT,                             -- who is to do it
  created_by     TEXT,
  request_date   TEXT NOT NULL CHECK (coalesce(request_date = date(request_date, '+0 days'), 0)),  -- when it came in
  start_date     TEXT CHECK (start_date IS NULL OR start_date IS date(start_date, '+0 days')),
  start_time     TEXT CHECK (start_time GLOB '[0-2][0-9]:[0-5][0-9]'),  -- of an event; none: the whole day
  end_date       TEXT CHECK (end_date IS NULL OR end_date IS date(end_date, '+0 days')),
  end_time       TEXT CHECK (end_time GLOB '[0-2][0-9]:[0-5][0-9]'),
  due_date       TEXT CHECK (due_date IS NULL OR due_date IS date(due_date, '+0 days')),
  closed_date    TEXT CHECK (closed_date IS NULL OR closed_date IS date(closed_date, '+0 days')),
  external_id    TEXT,
  search_text    TEXT NOT NULL DEFAULT ''          -- what --text looks through, folded
) STRICT;
CREATE UNIQUE INDEX request_external_id ON request (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX request_account ON request (account_id, status);
CREATE INDEX request_contact ON request (contact_id) WHERE contact_id IS NOT NULL;

-- Every change of a request from the command line, so that undo can take it back: none before it was added.
CREATE TABLE request_change (
  id             INTEGER PRIMARY KEY,
  run_id         INTEGER NOT NULL REFERENCES run (id),
  request_id     INTEGER NOT NULL REFERENCES request (id) ON DELETE CASCADE,
  was_added      INTEGER NOT NULL DEFAULT 0 CHECK (was_added IN (0, 1)),
  old_status     INTEGER,
  new_status     INTEGER,
  old_assignee   TEXT,
  new_assignee   TEXT,
  old_closed_date TEXT,
  new_closed_date TEXT
) STRICT;
CREATE INDEX request_change_run ON request_change (run_id);
CREATE INDEX request_change_request ON request_change (request_id);
