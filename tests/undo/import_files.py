"""A small file of each kind of record, and another one that adds to it, changes it and leaves out some of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

GUID = "11111111-2222-3333-4444-00000000000"
# kind: the first file and the next, in the order in which one may refer to the other
FILES: dict[str, tuple[str, str]] = {
    "classification_label": (
        """\
field,label
1,Region
2,Size
""",
        """\
field,label
1,Area
3,Value
""",
    ),
    "classification_value": (
        """\
field,code,description
1,N,North
1,S,South
2,L,Large
""",
        """\
field,code,description,id
1,N,Far north,
1,W,West,
2,M,Medium,GUID9
""",
    ),
    "payment_condition": (
        """\
payment_condition,description,days,description_de
30,In 30 days,30,In 30 Tagen
""",
        """\
payment_condition,description,days,description_de,description_nl
30,Within 30 days,30,Binnen 30 Tagen,Binnen 30 dagen
60,Long,60,,Lang
""",
    ),
    "exchange_rate": (
        """\
rate_date,currency,rate
2025-01-01,USD,1.10
2025-01-01,GBP,0.85
""",
        """\
rate_date,currency,rate
2025-01-01,USD,1.25
2025-06-01,USD,1.20
""",
    ),
    "item_group": (
        """\
item_group,description
TEA,Tea
""",
        """\
item_group,description,parent
TEA,All tea,HOT
HOT,Hot,
""",
    ),
    "account": (
        """\
account,name,city,email,external_id,class1,class2,payment_condition
A1,First,Gent,a@a.example,X1,N,L,30
A2,Second,Delft,,X2,S,,
A3,Third,,,X3,,,60
""",
        """\
account,name,city,email,external_id,class1,class2,payment_condition
A1,First B.V.,Brugge,,X1,S,L,30
A2,Second,Delft,b@a.example,X2,,GUID9,
A4,Fourth,Lille,,X4,N,,
""",
    ),
    "contact": (
        """\
account,contact,name,email
A1,1,Jan,jan@a.example
A2,1,Piet,
""",
        """\
account,contact,name,email
A1,1,Johan,
A2,2,Klaas,k@a.example
""",
    ),
    "vat_code": (
        """\
vat_code,description,percent
2,High,21
""",
        """\
vat_code,description,percent
2,High rate,21.5
3,Low,9
""",
    ),
    "item": (
        """\
item,description,item_group,sales_price,unit,description_nl
T1,Green tea,TEA,4.50,piece,Groene thee
T2,Black tea,TEA,5.00,piece,Zwarte thee
""",
        """\
item,description,item_group,sales_price,unit,description_nl,description_de
T1,Green tea,HOT,4.75,piece,Groene thee los,Grüner Tee
T3,White tea,,6.00,piece,,Weißer Tee
""",
    ),
    "item_unit": (
        """\
item,unit,factor
T1,dozen,12
""",
        """\
item,unit,factor
T1,dozen,13
T2,box,6
""",
    ),
    "gl_account": (
        """\
gl_account,description,type,subledger
1300,Debtors,B,debtors
8000,Sales,P,
1100,Bank,B,
""",
        """\
gl_account,description,type,subledger
1300,Receivable,B,debtors
8100,Other,P,
""",
    ),
    "journal": (
        """\
journal,description,type
70,Sales,sales
20,Bank,bank
""",
        """\
journal,description,type
70,Sales book,sales
90,Memo,general
""",
    ),
    "outstanding_item": (
        """\
account,invoice_number,invoice_date,due_date,amount,open,entry_number,journal
A1,1001,2026-01-10,2026-02-10,100.00,60.00,701,70
A1,1002,2026-01-20,,50.00,50.00,702,70
A2,1003,2026-01-15,2026-02-15,80.00,80.00,703,70
A2,,2026-01-16,,-30.00,-30.00,201,20
A1,,2026-01-18,,-10.00,-10.00,202,20
""",
        """\
account,invoice_number,invoice_date,due_date,amount,open,entry_number,journal
A1,1001,2026-01-11,2026-02-10,110.00,20.00,701,70
A2,1003,2026-01-15,2026-02-20,80.00,0.00,703,70
A2,1004,2026-01-30,,15.00,15.00,704,70
""",
    ),
    "allocation": (
        """\
account,invoice_number,allocation_date,amount
A1,1002,2026-02-01,20.00
""",
        """\
account,invoice_number,allocation_date,amount
A1,1002,2026-02-03,45.00
A2,1003,2026-02-04,10.00
""",
    ),
    "payment": (
        """\
account,invoice_number,entry_number,payment_date,amount
A1,1001,301,2026-02-05,-5.00
""",
        """\
account,invoice_number,entry_number,payment_date,amount
A1,1001,302,2026-02-06,-6.00
A2,1003,303,2026-02-06,-100.00
""",
    ),
    "bank_payment": (
        """\
own_iban,payment_date,amount,counter_iban,description
NL91ABNA0417164300,2026-03-01,10.00,NL20INGB0001234567,100
NL91ABNA0417164300,2026-03-02,5.00,,nothing known
""",
        """\
own_iban,payment_date,amount,counter_iban,description
NL91ABNA0417164300,2026-03-02,5.00,,nothing known
NL91ABNA0417164300,2026-03-03,-2.00,NL20INGB0001234567,back
""",
    ),
    "match": (
        """\
account,match,journal,entry_number,match_date
A2,5,70,703,2026-02-07
A2,5,20,201,2026-02-07
""",
        """\
account,match,journal,entry_number,match_date
A1,6,20,202,2026-02-08
A1,6,70,702,2026-02-08
""",
    ),
    "transaction_line": (
        """\
journal,entry_number,line,entry_date,gl_account,account,debit,credit
70,1,1,2026-01-10,1300,A1,121,
70,1,2,2026-01-10,8000,,,100
70,1,3,2026-01-10,1500,,,21
""",
        """\
journal,entry_number,line,entry_date,gl_account,account,debit,credit
70,1,1,2026-01-11,1300,A1,100,
70,1,2,2026-01-10,8000,,,100
75,2,1,2026-01-12,1300,A2,5,
75,2,2,2026-01-12,8000,,,5
""",
    ),
    "entry_template": (
        """\
entry_template,description,journal,line_number,gl_account,amount
RENT,Rent,70,1,4100,100.00
RENT,Rent,70,2,1520,21.00
""",
        """\
entry_template,description,journal,line_number,gl_account,amount
RENT,The rent,70,1,4100,110.00
GAS,Gas,70,1,4200,5.00
""",
    ),
    "entry_template_link": (
        """\
entry_template,account,is_main
RENT,A1,1
""",
        """\
entry_template,account,is_main
RENT,A1,0
RENT,A2,1
""",
    ),
    "price_list": (
        """\
price_list,description,start_date,end_date,item,minimum_quantity,new_price
SHOP,Shops,2026-01-01,2026-12-31,T1,0,4.00
SHOP,Shops,2026-01-01,2026-12-31,T2,0,4.50
""",
        """\
price_list,description,start_date,end_date,item,minimum_quantity,new_price
SHOP,All shops,2026-01-01,2026-12-31,T1,0,4.10
CAFE,Cafes,2026-01-01,2026-12-31,T1,0,3.50
""",
    ),
    "price_list_link": (
        """\
price_list,account
SHOP,A1
""",
        """\
price_list,account
SHOP,A2
""",
    ),
    "price_list_period": (
        """\
external_id,price_list,start_date,end_date
GUID1,SHOP,2027-01-01,2027-12-31
""",
        """\
external_id,price_list,start_date,end_date
GUID1,SHOP,2027-01-01,2027-06-30
GUID2,SHOP,2028-01-01,
""",
    ),
    "price_list_line": (
        """\
external_id,price_list_period,item,new_price
GUID3,GUID1,T1,3.00
""",
        """\
external_id,price_list_period,item,new_price
GUID3,GUID1,T1,3.10
GUID4,GUID1,T2,3.20
""",
    ),
    "invoice": (
        """\
invoice_number,invoice_date,account,net_amount,vat_amount
2001,2026-01-10,A1,90.00,18.90
2002,2026-02-10,A2,50.00,10.50
""",
        """\
invoice_number,invoice_date,account,net_amount,vat_amount
2001,2026-03-10,A2,95.00,19.95
2003,2026-02-11,A1,1.00,0.21
""",
    ),
    "invoice_line": (
        """\
invoice_number,line,item,quantity,net_amount
2001,1,T1,10,45.00
2001,2,T2,9,45.00
2002,1,T1,11,50.00
""",
        """\
invoice_number,line,item,quantity,net_amount
2001,1,T2,20,90.00
2002,1,T1,11,50.00
2002,2,T2,1,5.00
""",
    ),
    "purchase_invoice": (
        """\
supplier,supplier_invoice_number,invoice_date,net_amount,vat_amount
A3,P1,2026-01-05,10.00,2.10
""",
        """\
supplier,supplier_invoice_number,invoice_date,net_amount,vat_amount
A3,P1,2026-01-06,11.00,2.31
A3,P2,2026-01-07,3.00,0.63
""",
    ),
    "purchase_invoice_line": (
        """\
supplier,supplier_invoice_number,line,description,quantity,net_amount
A3,P1,1,Paper,2,10.00
""",
        """\
supplier,supplier_invoice_number,line,description,quantity,net_amount
A3,P1,1,Pens,3,10.00
A3,P1,2,Ink,1,1.00
""",
    ),
    "subscription_type": (
        """\
subscription_type,description,frequency
M,Monthly,monthly
""",
        """\
subscription_type,description,frequency
M,By month,monthly
Y,Yearly,yearly
""",
    ),
    "subscription": (
        """\
subscription,account,subscription_type,start_date,currency
S1,A1,M,2026-01-01,EUR
S2,A2,M,2026-02-01,EUR
""",
        """\
subscription,account,subscription_type,start_date,currency
S1,A1,Y,2026-01-01,JPY
S3,A2,M,2026-03-01,EUR
""",
    ),
    "subscription_line": (
        """\
subscription,line,item,quantity,unit_price
S1,1,T1,2,4.00
S1,2,T2,1,5.00
S2,1,T1,1,4.00
""",
        """\
subscription,line,item,quantity,unit_price
S1,1,T1,3,4.20
S2,1,T1,1,4.00
S2,2,T2,1,1.00
""",
    ),
    "sale": (
        """\
account,sale_date,order_number,item,quantity,amount
A1,2026-01-10,W1,T1,2,8.00
A2,2026-01-11,W2,T2,1,5.00
""",
        """\
account,name,sale_date,order_number,item,quantity,amount
A1,,2026-01-10,W1,T1,3,12.00
A3,Third,2026-02-01,W3,T9,1,7.50
""",
    ),
    "request": (
        """\
request,type,account,description,request_date
R1,task,A1,Call,2026-01-05
""",
        """\
request,type,account,description,request_date
R1,task,A2,Call again,2026-01-05
R2,task,,Write,2026-01-06
""",
    ),
}
_OF_RUNS = frozenset(
    {"table_version", "run", "imported_file", "import_added", "import_change", "classification_change"}
)
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT GLOB '*_search' AND name NOT GLOB '*_search_*'"


def written(folder: Path, kind: str, which: int) -> Path:
    """Write a kind's first (0) or next (1) file and return it."""
    path = folder / f"{kind}_{which}.csv"
    path.write_text(FILES[kind][which].replace("GUID", GUID))
    return path


def state(path: Path) -> dict[str, list[str]]:
    """Return all that a database holds, but for runs and what is kept of them."""
    with closing(sqlite3.connect(path)) as db:
        return {table: list(_rows(db, table)) for (table,) in db.execute(_TABLES).fetchall() if table not in _OF_RUNS}


def _rows(db: sqlite3.Connection, table: str) -> Iterator[str]:
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if not row[1].endswith("run_id")]
    yield from sorted(map(repr, db.execute(f"SELECT {', '.join(columns)} FROM {table}")))
