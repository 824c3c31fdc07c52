"""By which headings the export of a program is recognised.

The table is a module of its own: a file of an unknown program costs a comparison of headings, and loads no layout.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Entry(NamedTuple):
    """Headings, normalised, that make a layout known."""

    layout: str  # its module and its name there: 'xero invoices'
    needs: str  # the file has all of these; a|b is one of them
    lacks: str = ""  # the file has none of these

    def fits(self, keys: frozenset[str]) -> int:
        """Return how many headings make the layout known in a file with these; 0 if it is another one."""
        needed = [word.split("|") for word in self.needs.split()]
        is_it = keys.isdisjoint(self.lacks.split()) and all(not keys.isdisjoint(words) for words in needed)
        return len(needed) if is_it else 0


ENTRIES = (
    Entry("dolibarr contacts", "lastname firstname postfunction|postorfunction companyname|thirdpartyname"),
    Entry(
        "dolibarr invoices",
        "ref|invoiceref invoicedate|dateinvoice totalexcltax|totalnet totalincltax|totalinctax companyname|thirdpartyname",
    ),
    Entry("dolibarr parties", "name|companyname|thirdpartyname customercode vendorcode|suppliercode", "ref invoiceref lastname"),
    Entry("dolibarr parties", "naam|bedrijfsnaam|naamvanderden klantcode leverancierscode|leveranciercode", "achternaam"),
    Entry("erpnext customers", "id customername customertype"),
    Entry("erpnext ledger", "postingdate account voucherno againstaccount"),
    Entry("erpnext receivables", "customer|party voucherno outstandingamount"),
    Entry("google contacts", "email1value firstname|givenname"),
    Entry("hubspot companies", "recordid|recordidcompany companyname", "firstname accountname"),
    Entry("hubspot contacts", "recordid|recordidcontact firstname lastname email", "accountname"),
    Entry("mailchimp audience", "emailaddress optintime"),
    Entry("moneybird contacts", "id bedrijfsnaam achternaam klantnummer"),
    Entry(
        "moneybird invoices",
        "factuurnummer contact klantnummer factuurdatum",
        "naam klantnaam bedrijfsnaam relatienaam debiteurnaam omschrijving artikel aantal",
    ),
    Entry("odoo contacts", "id displayname", "journalentry number"),
    Entry("odoo contacts", "name companytype relatedcompany"),
    Entry("odoo contacts", "id name iscompany|parentid|parentidid|companytype countryid|parentid|parentidid|ref", "number lastname"),
    Entry("odoo contacts", "displayname|completename email phone salesperson|activities", "companyname number"),
    Entry("odoo contacts", "weergavenaam email telefoon verkoper|activiteiten", "nummer"),
    Entry("odoo contacts", "anzeigename email telefon verkaufer|vertriebsmitarbeiter|aktivitaten", "nummer"),
    Entry("odoo invoices", "number invoicepartnerdisplayname totalsigned|totalincurrencysigned|total"),
    Entry("odoo invoices", "nummer factuurrelatieweergavenaam totaal"),
    Entry("odoo journal_items", "date journalentry account debit credit"),
    Entry("odoo journal_items", "datum boeking rekening|grootboekrekening debet credit"),
    Entry("outlook contacts", "firstname lastname company emailaddress businessphone"),
    Entry("outlook contacts", "voornaam achternaam bedrijf emailadres telefoonopwerk"),
    Entry("outlook contacts", "vorname nachname firma emailadresse telefongeschaftlich"),
    Entry("pipedrive organizations", "organizationname organizationid|organizationaddress|organizationowner", "personname"),
    Entry("pipedrive people", "personname personid|personorganization|personemail|personemailwork"),
    Entry("quickbooks customers", "name companyname streetaddress openbalance"),
    Entry("quickbooks customers", "customer|customerfullname phonenumbers email billingaddress"),
    Entry("quickbooks open_invoices", "date transactiontype num openbalance duedate"),
    Entry("salesforce accounts", "id name billingstreet billingcity", "accountid lastname"),
    Entry("salesforce accounts", "accountname accountowner billingcity|billingstreet|type|lastactivity", "lastname recordid"),
    Entry("salesforce contacts", "id accountid lastname"),
    Entry("salesforce contacts", "accountname firstname lastname email title|mailingcity|mailingstreet|accountowner", "recordid"),
    Entry("shopify customers", "firstname lastname email acceptsemailmarketing|acceptsmarketing", "lineitemname"),
    Entry("shopify orders", "name email financialstatus lineitemname lineitemprice"),
    Entry("snelstart relations", "relatiecode naam relatiesoort krediettermijn"),
    Entry("snelstart relations", "fldrelatiecode fldnaam"),
    Entry("stripe customers", "id|customerid email name delinquent"),
    Entry("stripe invoices", "id customer number amountdue total"),
    Entry("vcard contacts", "uid fn familyname givenname org tel adrstreet"),
    Entry("woocommerce customers", "name username email totalspend aov"),
    Entry("woocommerce orders", "date order status customer customertype itemssold netsales|nrevenue"),
    Entry("xero contacts", "contactname accountnumber emailaddress poaddressline1", "invoicenumber"),
    Entry("xero invoices", "contactname invoicenumber invoicedate unitamount"),
    Entry("zoho accounts", "recordid accountname accountowner|accountownerid billingstreet|billingcity|phone", "lastname"),
    Entry("zoho books_contacts", "displayname emailid billingaddress"),
    Entry("zoho books_invoices", "invoiceid invoicenumber customername balance"),
    Entry("zoho contacts", "recordid lastname email accountname contactowner|contactownerid"),
)  # fmt: skip


def find(keys: Iterable[str]) -> Entry | None:
    """Return the entry of which the file has the most headings, None if it is of no known program."""
    there = frozenset(keys)
    best = max(ENTRIES, key=lambda entry: entry.fits(there))
    return best if best.fits(there) else None
