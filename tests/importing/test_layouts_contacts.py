"""Lists of persons and companies as other programs export them, and the consent that they state."""

from pathlib import Path

import pytest
from conftest import Run
from layout_files import assert_nothing_changes, table, write

ACCOUNTS = "SELECT name, city, country FROM account ORDER BY name"
PERSONS = "SELECT c.name, a.name, c.job_title, c.email, c.phone, c.mobile FROM contact AS c JOIN account AS a ON a.id = c.account_id ORDER BY 1"

GOOGLE = {
    "today": "First Name,Middle Name,Last Name,Organization Name,Organization Title,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,"
    "Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Address 1 - Street,Address 1 - City,Address 1 - Country\n"
    "Sam,,Vis,Acme B.V.,Buyer,,* myContacts,* Work,s@example.com,Mobile,+31 6 1,Work,030 1,Laan 1,Utrecht,Netherlands\n"
    "Zoë,,Müller,Acme B.V.,,,,,z@example.com ::: z@example.org,,,,,,,\nAnn,,Lee,,,,,,l@example.com,,,,,,,\n",
    "before 2024": "Name,Given Name,Additional Name,Family Name,Yomi Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,"
    "Phone 1 - Value,Phone 2 - Type,Phone 2 - Value,Address 1 - Street,Address 1 - City,Address 1 - Country,Organization 1 - Name,"
    "Organization 1 - Title\n"
    "Sam Vis,Sam,,Vis,,,* Work,s@example.com,Mobile,+31 6 1,Work,030 1,Laan 1,Utrecht,Netherlands,Acme B.V.,Buyer\n"
    "Zoë Müller,Zoë,,Müller,,,* Work,z@example.com ::: z@example.org,,,,,,,,Acme B.V.,\nAnn Lee,Ann,,Lee,,,,l@example.com,,,,,,,,,\n",
}


@pytest.mark.parametrize("text", GOOGLE.values(), ids=GOOGLE)
def test_google(segcli: Run, empty: Path, text: str) -> None:
    write(g=text)
    done = segcli("import", "g.csv")
    assert done.status == 0, done.err
    assert table(empty, ACCOUNTS) == [("Acme B.V.", "Utrecht", "NL"), ("Ann Lee", None, None)]
    assert table(empty, PERSONS) == [
        ("Ann Lee", "Ann Lee", None, "l@example.com", None, None),
        ("Sam Vis", "Acme B.V.", "Buyer", "s@example.com", "030 1", "+31 6 1"),
        ("Zoë Müller", "Acme B.V.", None, "z@example.com", None, None),
    ]
    assert_nothing_changes(segcli, empty, "g.csv")


OUTLOOK = {
    "classic": "First Name,Middle Name,Last Name,Company,Job Title,Business Street,Business City,Business Country,Business Phone,Mobile Phone,"
    "E-mail Address,Notes",
    "new": "First Name,Middle Name,Last Name,Company,Job Title,Business Street,Business City,Business Country/Region,Business Phone,"
    "Mobile Phone,E-mail Address,Notes",
    "Dutch": 'Voornaam,Middelste naam,Achternaam,Bedrijf,Functie,"Werkadres, straat","Werkadres, plaats","Werkadres, land/regio",'
    "Telefoon op werk,Mobiele telefoon,E-mailadres,Notities",
    "German": "Vorname,Weitere Vornamen,Nachname,Firma,Position,Straße geschäftlich,Ort geschäftlich,Land/Region geschäftlich,"
    "Telefon geschäftlich,Mobiltelefon,E-Mail-Adresse,Notizen",
}


@pytest.mark.parametrize("header", OUTLOOK.values(), ids=OUTLOOK)
def test_outlook(segcli: Run, empty: Path, header: str) -> None:
    write(
        o=f"{header}\nSam,,Vis,Acme,Buyer,Laan 1,Utrecht,Netherlands,030 1,06 1,s@example.com,\nAnn,,Lee,,,,,,,,l@example.com,\n"
    )
    done = segcli("import", "o.csv")
    assert (done.status, done.err) == (0, "")
    assert table(empty, ACCOUNTS) == [("Acme", "Utrecht", "NL"), ("Ann Lee", None, None)]
    assert table(empty, PERSONS) == [
        ("Ann Lee", "Ann Lee", None, "l@example.com", None, None),
        ("Sam Vis", "Acme", "Buyer", "s@example.com", "030 1", "06 1"),
    ]
    assert_nothing_changes(segcli, empty, "o.csv")


PAIRS = {
    # The same number names a company and a person: they are different records.
    "HubSpot": (
        "Record ID,Company name,Company owner,Phone Number,City,Country/Region,Industry\n8,Acme,Sam,030 1,Utrecht,Netherlands,Retail\n",
        (
            "Record ID,First Name,Last Name,Email,Phone Number,Associated Company,Marketing contact status,Unsubscribed from all email\n"
            "8,Ann,Lee,l@example.com,,,,\n9,Sam,Vis,s@example.com,030 2,Acme,Marketing contact,Yes\n"
        ),
    ),
    "Pipedrive": (
        (
            "Organization - ID,Organization - Name,Organization - City/town/village/locality of Address,Organization - Country of Address\n"
            "8,Acme,Utrecht,Netherlands\n"
        ),
        (
            "Person - ID,Person - Name,Person - Organization,Person - Email - Work,Person - Phone - Work,Person - Marketing status\n"
            "8,Ann Lee,,l@example.com,,No consent\n9,Sam Vis,Acme,s@example.com,030 2,Unsubscribed\n"
        ),
    ),
    "Salesforce": (
        "Account ID,Account Name,Account Owner,Type,Billing City,Billing Country\n0015g00000AAAAA,Acme,Sam,Prospect,Utrecht,Netherlands\n",
        (
            "Contact ID,Account ID,Account Name,First Name,Last Name,Title,Email,Phone,Email Opt Out\n"
            "0035g00000AAAAA,,,Ann,Lee,,l@example.com,,\n0035g00000AAAAB,0015g00000AAAAA,Acme,Sam,Vis,,s@example.com,030 2,1\n"
        ),
    ),
    "Zoho CRM": (
        "Record Id,Account Name,Account Owner,Phone,Billing City,Billing Country\nzcrm_1,Acme,Sam,030 1,Utrecht,Netherlands\n",
        (
            "Record Id,Contact Owner,First Name,Last Name,Account Name,Email,Phone,Email Opt Out\n"
            "zcrm_2,Sam,Ann,Lee,,l@example.com,,\nzcrm_3,Sam,Sam,Vis,Acme,s@example.com,030 2,true\n"
        ),
    ),
}


@pytest.mark.parametrize(("companies", "persons"), PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("is_first", [True, False])
def test_companies_and_persons_meet_in_either_order(
    segcli: Run, empty: Path, companies: str, persons: str, is_first: bool
) -> None:
    write(companies=companies, persons=persons)
    names = ["companies.csv", "persons.csv"] if is_first else ["persons.csv", "companies.csv"]
    for name in names:
        done = segcli("import", name)
        assert (done.status, done.err) == (0, "")
    assert table(empty, ACCOUNTS) == [("Acme", "Utrecht", "NL"), ("Ann Lee", None, None)]
    assert table(empty, PERSONS) == [
        ("Ann Lee", "Ann Lee", None, "l@example.com", None, None),
        ("Sam Vis", "Acme", None, "s@example.com", "030 2", None),
    ]
    assert table(empty, "SELECT is_mailing_excluded FROM contact WHERE name = 'Sam Vis'") == [(1,)]
    assert_nothing_changes(segcli, empty, *names)


def test_salesforce_by_its_api_names_an_account_by_the_long_id(segcli: Run, empty: Path) -> None:
    write(
        accounts="Id,Name,AccountNumber,Type,BillingStreet,BillingCity,BillingCountry,IsDeleted\n"
        "0015g00000AAAAAQA2,Acme,C1,Prospect,Laan 1,Utrecht,Netherlands,false\n0015g00000AAAABQA2,Gone,C2,,,,,true\n",
        contacts="Id,AccountId,FirstName,LastName,Email,HasOptedOutOfEmail\n0035g00000AAAAAQA2,0015g00000AAAAAQA2,Sam,Vis,s@example.com,true\n",
    )
    done = segcli("import", "contacts.csv", "accounts.csv")  # sorted: accounts first
    assert done.status == 0, done.err
    assert table(empty, "SELECT code, name, status FROM account") == [("C1", "Acme", "P")]
    assert table(empty, "SELECT name, is_mailing_excluded FROM contact") == [("Sam Vis", 1)]


MEMBERS = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,CC,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
AUDIENCE = {
    "subscribed": f"{MEMBERS}\na@example.com,Ada,Byron,4,2024-03-14 09:12:31,,2024-03-14 09:14:00,,NL,,1,x,,\nn@example.com,No,Date,2,,,,,,,2,y,,\n",
    "unsubscribed": f"{MEMBERS},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON\n"
    "u@example.com,Una,Sub,2,2024-03-14 09:12:31,,2024-03-14 09:14:00,,NL,,3,z,,,2025-01-01 10:00:00,May,\n",
    "cleaned": f"{MEMBERS},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE\n"
    "c@example.com,Cleo,Old,2,2024-03-14 09:12:31,,2024-03-14 09:14:00,,NL,,4,w,,,2025-01-01 10:00:00,May\n",
}


@pytest.mark.parametrize(
    "names", [("subscribed", "unsubscribed", "cleaned"), ("cleaned", "unsubscribed", "subscribed")]
)
def test_mailchimp_states_who_may_be_written_to(segcli: Run, empty: Path, names: tuple[str, ...]) -> None:
    write(**AUDIENCE)
    for name in names:
        done = segcli("import", f"{name}.csv")
        assert (done.status, done.err) == (0, "")
    assert table(
        empty, "SELECT email, is_mailing_excluded, consent_basis, consent_date FROM contact ORDER BY email"
    ) == [
        ("a@example.com", 0, "consent", "2024-03-14"),
        ("c@example.com", 1, None, None),
        ("n@example.com", 0, None, None),
        ("u@example.com", 1, None, None),
    ]
    listed = segcli("show", "marketing-list", "--basis", "consent,customer,published", "-f", "json").rows
    assert [row["email"] for row in listed] == ["a@example.com"]
    assert_nothing_changes(segcli, empty, *(f"{name}.csv" for name in names))


@pytest.mark.parametrize("names", [("subscribed", "later"), ("later", "subscribed")])
def test_an_old_list_of_subscribers_lifts_no_exclusion(segcli: Run, empty: Path, names: tuple[str, ...]) -> None:
    later = AUDIENCE["unsubscribed"].replace("u@example.com,Una,Sub", "a@example.com,Ada,Byron")
    write(subscribed=AUDIENCE["subscribed"], later=later)
    for name in names:
        assert segcli("import", f"{name}.csv").status == 0
    assert table(empty, "SELECT is_mailing_excluded FROM contact WHERE email = 'a@example.com'") == [(1,)]
    listed = segcli("show", "marketing-list", "--basis", "consent", "-f", "json").rows
    assert listed == []


@pytest.mark.parametrize(
    ("status", "left", "is_out"),
    [
        ("subscribed", "", 0), ("Subscribed", "", 0), ("", "", 0), ("unsubscribed", "", 1), ("Unsubscribed", "", 1), ("cleaned", "", 1),
        ("pending", "", 1), ("archived", "", 1), ("Non-Subscribed", "", 1), ("some other word", "", 1), ("subscribed", "2025-01-01 10:00:00", 1),
        ("", "2025-01-01 10:00:00", 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("heading", "time"), [("Status", "UNSUB_TIME"), ("Email Marketing Status", "Unsubscribed At")])
def test_a_mailchimp_member_with_another_status_than_subscribed_has_not_consented(  # noqa: PLR0913 - a row
    segcli: Run, empty: Path, status: str, left: str, is_out: int, heading: str, time: str
) -> None:
    write(
        m=f"Email Address,First Name,{heading},OPTIN_TIME,{time}\na@example.com,Ada,{status},2024-03-14 09:12:31,{left}\n"
    )
    done = segcli("import", "m.csv")
    assert (done.status, done.err) == (0, "")
    sql = "SELECT is_mailing_excluded, consent_basis, consent_date FROM contact"
    assert table(empty, sql) == [(1, None, None) if is_out else (0, "consent", "2024-03-14")]
    listed = segcli("show", "marketing-list", "--basis", "consent,customer,published", "-f", "json").rows
    assert len(listed) == (0 if is_out else 1)


@pytest.mark.parametrize(
    ("marketing", "unsubscribed"), [("Non-marketing contact", "No"), ("Marketing contact", "Yes"), ("", "Yes")]
)
def test_one_answer_that_excludes_is_enough(segcli: Run, empty: Path, marketing: str, unsubscribed: str) -> None:
    write(
        h="Record ID,First Name,Last Name,Email,Marketing contact status,Unsubscribed from all email\n"
        f"8,Ann,Lee,l@example.com,{marketing},{unsubscribed}\n"
    )
    assert segcli("import", "h.csv").status == 0
    assert table(empty, "SELECT is_mailing_excluded FROM contact") == [(1,)]


@pytest.mark.parametrize("answers", ["yes,no", "no,yes", "unsubscribed,yes"])
def test_a_yes_with_a_no_beside_it_is_no_consent(segcli: Run, empty: Path, answers: str) -> None:
    write(
        s=f"First Name,Last Name,Email,Accepts Email Marketing,Accepts Marketing\nAda,Byron,a@example.com,{answers}\n"
    )
    assert segcli("import", "s.csv").status == 0
    assert table(empty, "SELECT is_mailing_excluded, consent_basis FROM contact") == [(1, None)]


def test_what_google_has_besides_the_first_value_is_told(segcli: Run, empty: Path) -> None:
    write(
        g="First Name,Last Name,Organization Name,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,"
        "Phone 2 - Value,Website 1 - Value\n"
        "Sam,Vis,,a@example.com ::: b@example.com,,Work,030 1 ::: 030 2,Home,030 3,\n"
        "Ann,Lee,,l@example.com,,Mobile,06 1,Mobile,06 2,https://a.example\nPiet,Puk,,p@example.com,,Work,030 4,Home,030 5,\n"
        ",,,,,Mobile,06 9,,,\n"
    )
    done = segcli("import", "g.csv")
    assert done.status == 0
    assert "not read: E-mail 1 - Value, Phone 2 - Value;" in done.err
    assert "g.csv: 1 row left out: contacts without a name, an organisation and an e-mail address" in done.err
    assert table(empty, "SELECT name, email, phone, mobile FROM contact ORDER BY name") == [
        ("Ann Lee", "l@example.com", "06 2", "06 1"),
        ("Piet Puk", "p@example.com", "030 4", "030 5"),
        ("Sam Vis", "a@example.com", "030 1", "030 2"),
    ]
    assert segcli("import", "g.csv", "--strict", "--again").status == 2
    assert_nothing_changes(segcli, empty, "g.csv")


def test_a_person_of_outlook_with_only_a_number_is_counted(segcli: Run, empty: Path) -> None:
    write(o=f"{OUTLOOK['classic']}\nSam,,Vis,Acme,,,,,030 1,,s@example.com,\n,,,,,,,,030 2,,,\n,,,,,,,,030 3,,,\n")
    done = segcli("import", "o.csv")
    assert done.err == "o.csv: 2 rows left out: contacts without a name, a company and an e-mail address\n"
    assert table(empty, "SELECT count(*) FROM contact") == [(1,)]


SECOND = {
    "another": ("h@example.com", "030 2", "not read: Person - Email - Home, Person - Phone - Home"),
    "the same": ("S@Example.com", "030 1", ""),
    "none": ("", "", ""),
}


@pytest.mark.parametrize(("mail", "phone", "said"), SECOND.values(), ids=SECOND)
def test_a_second_column_of_a_field_is_told_where_it_holds_another_value(
    segcli: Run, empty: Path, mail: str, phone: str, said: str
) -> None:
    write(
        p="Person - ID,Person - Name,Person - Email - Work,Person - Email - Home,Person - Phone - Work,Person - Phone - Home\n"
        f"8,Ann Lee,,l@example.com,,030 9\n9,Sam Vis,s@example.com,{mail},030 1,{phone}\n"
    )
    done = segcli("import", "p.csv")
    assert done.status == 0
    assert (said in done.err) if said else done.err == ""
    assert table(empty, "SELECT name, email, phone FROM contact ORDER BY name") == [
        ("Ann Lee", "l@example.com", "030 9"),
        ("Sam Vis", "s@example.com", "030 1"),
    ]


def test_a_second_column_is_not_told_where_the_user_leaves_it(segcli: Run, empty: Path) -> None:
    header = "Person - ID,Person - Name,Person - Email - Work,Person - Email - Home"
    write(p=f"{header}\n9,Sam Vis,s@example.com,h@example.com\n")
    done = segcli("import", "p.csv", "--strict", "--map", "Person - Email - Home=")
    assert (done.status, done.err) == (0, "")
    assert table(empty, "SELECT email FROM contact") == [("s@example.com",)]


def test_a_second_company_of_a_hubspot_contact_is_told(segcli: Run, empty: Path) -> None:
    write(
        h="Record ID,First Name,Last Name,Email,Phone Number,Associated Company\n9,Sam,Vis,s@example.com,,Acme;Beta\n10,,,,030 1,\n"
    )
    done = segcli("import", "h.csv")
    assert "not read: Associated Company" in done.err
    assert "1 row left out: contacts without a name, a company and an e-mail address" in done.err
    assert table(empty, "SELECT name FROM account") == [("Acme",)]
