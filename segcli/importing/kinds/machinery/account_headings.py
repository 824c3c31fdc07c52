"""Headings that name an account in every kind of record, such as Debiteur."""

CUSTOMER = (
    "accountnumber accountno customer customercode customerid customernumber customerno customernr custsupid debtor debtorcode "
    "debtornumber debtorno relatie relatiecode relatienummer relatienr klant klantcode klantnummer klantnr klantid debiteur debiteurcode "
    "debiteurnummer debiteurnr kundennummer kundennr kundenr numeroclient numclient codeclient"
)
SUPPLIER = (
    "supplier suppliercode supplierid suppliernumber supplierno vendor vendorcode vendorid vendornumber leverancier leverancierscode "
    "leveranciersnummer crediteur crediteurcode crediteurnummer crediteurnr creditor creditorcode creditornumber lieferantennummer "
    "lieferantennr codefournisseur"
)
NAME = "accountname customername naam klantnaam relatienaam debiteurnaam bedrijfsnaam debtorname kundenname nomduclient"
