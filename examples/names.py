"""Names for the example administration: invented, of the kinds that a Dutch wholesaler meets."""

DUTCH = (
    "Bakkerij Jansen", "'t Gouden Hoen", "Café De Ster", "Gebr. van der Meulen", "Installatiebedrijf De Boer & Zn.",
    "Kaasmakerij Oudewater", "Bloemisterij Zonneschijn", "Drukkerij Het Witte Blad", "Fietsplus Groningen",
    "Tuincentrum De Wilg", "Restaurant Zeezicht", "Visserij Urk", "Timmerfabriek Noord", "De Groene Winkel",
    "Slagerij van Dam", "Hotel 's-Gravenhof", "Meubelmakerij Eik", "Schoonmaak Helder", "Transport Van Vliet",
    "Bouwbedrijf Verhoeven", "Apotheek Centrum", "Boekhandel Letterzin", "Wijnhandel Druif, Vat & Fles",
    "IJssalon Venezia", "Sportschool Fit!", "Kapsalon Knip", "Garage Snel", "Camping Duinzicht", "Brouwerij Het Anker",
    "Rederij Waterland", "Kwekerij Roos", "Zuivel Friesland-Oost", "Optiek Helder Zicht", "Schilders Kleur",
    "Adviesbureau Kompas", "Uitgeverij Papier", "Stoffenhuis Draad", "Theater De Kroon", "Speelgoed Pinokkio",
    "Muziekhuis Toon",
)  # fmt: skip
FOREIGN = (
    ("BE", "nl", "Antwerpen", "Brasserie De Schelde"), ("BE", "fr", "Liège", "Pâtisserie Été"),
    ("BE", "nl", "Gent", "Gentse Boekenkaft BVBA"), ("DE", "de", "Köln", "Müller & Söhne GmbH"),
    ("DE", "de", "Münster", "Großhandel Weiß KG"), ("DE", "de", "Hamburg", "Hafenkontor Jürgens"),
    ("FR", "fr", "Lyon", "Boulangerie Chez Zoé"), ("FR", "fr", "Nîmes", "L'Œuvre d'Art SARL"),
    ("GB", "en", "London", "O'Brien & Daughters Ltd"), ("GB", "en", "Leeds", 'The "Old" Mill plc'),
    ("PL", "pl", "Łódź", "Hurtownia Żółw Sp. z o.o."), ("PL", "pl", "Kraków", "Księgarnia Ślimak"),
    ("CZ", "cs", "Plzeň", "Pivovar Ďáblík s.r.o."), ("CZ", "cs", "Brno", "Řeznictví Kříž"),
    ("ES", "es", "A Coruña", "Panadería Ñandú S.L."), ("ES", "es", "Málaga", "Bodegas Muñoz"),
    ("GR", "el", "Αθήνα", "Ελιά Α.Ε."), ("SE", "sv", "Malmö", "Ångström Möbler AB"),
    ("JP", "en", "東京", "株式会社さくら"), ("IL", "he", "תל אביב", "מאפיית הזית"),
    ("AE", "ar", "دبي", "مخبز النخيل"), ("US", "en", "Boston", "Beacon Hill Trading Inc."),
)  # fmt: skip
CITIES = (
    ("Amsterdam", "1011", "NH"), ("Rotterdam", "3011", "ZH"), ("'s-Hertogenbosch", "5211", "NB"), ("Utrecht", "3511", "UT"),
    ("Groningen", "9711", "GR"), ("Maastricht", "6211", "LI"), ("Zwolle", "8011", "OV"), ("Leeuwarden", "8911", "FR"),
    ("Middelburg", "4331", "ZE"), ("Arnhem", "6811", "GE"), ("Assen", "9401", "DR"), ("Almere", "1315", "FL"),
)  # fmt: skip
STREETS = ("Dorpsstraat", "Stationsweg", "Kerkplein", "Havenkade", "Molenlaan", "Industrieweg", "Lange Nieuwstraat")
FIRST = ("Anna", "Bram", "Chantal", "Daan", "Elif", "Fatima", "Geert", "Hanneke", "Iris", "Joost", "Karin", "Lars",
         "Maria", "Noor", "Olivier", "Petra", "Quinten", "Renée", "Sander", "Tess", "Umar", "Veerle", "Willem", "Zoë")  # fmt: skip
LAST = (("", "Jansen"), ("de", "Vries"), ("van den", "Berg"), ("", "Bakker"), ("van", "Dijk"), ("", "Yılmaz"),
        ("", "Müller"), ("de", "Groot"), ("", "Peeters"), ("ten", "Brink"), ("", "Şahin"), ("", "O'Neill"),
        ("van der", "Ploeg"), ("", "Kowalski"), ("", "Novák"), ("", "García"))  # fmt: skip
JOBS = ("Director", "Inkoper", "Boekhouder", "Office manager", "Eigenaar", "Sales manager", "Administratie", "Chef")
MANAGERS = ("Eva Smit", "Tom de Wit", "Nadia Karimi", "Pieter Post")
SECTORS = ("Retail", "Hospitality", "Industry", "Services", "Agriculture")
ITEMS = (
    ("Thee", "Groene thee 100 g"), ("Thee", "Zwarte thee 250 g"), ("Thee", "Muntthee 50 zakjes"), ("Thee", "Rooibos 1 kg"),
    ("Koffie", "Espressobonen 1 kg"), ("Koffie", "Filterkoffie 500 g"), ("Koffie", "Cafeïnevrij 250 g"),
    ("Koffie", "Koffiepads 36 st."), ("Koek", "Stroopwafels doos 10"), ("Koek", "Speculaas 400 g"),
    ("Koek", "Gevulde koek 6 st."), ("Koek", "Jodenkoeken 350 g"), ("Kaas", "Jong belegen 1 kg"), ("Kaas", "Oude kaas 1 kg"),
    ("Kaas", "Geitenkaas 200 g"), ("Kaas", "Komijnekaas 500 g"), ("Servies", "Theepot wit 1 l"), ("Servies", "Kop en schotel"),
    ("Servies", "Dienblad eiken"), ("Servies", "Suikerpot"), ("Machines", "Espressomachine Duo"),
    ("Machines", "Koffiemolen"), ("Machines", "Waterkoker 1,7 l"), ("Machines", "Melkschuimer"), ("Dienst", "Onderhoud per uur"),
    ("Dienst", "Training barista"), ("Dienst", "Bezorging"), ("Dienst", "Voorrijkosten"), ("Papier", "Bekers 250 st."),
    ("Papier", "Servetten 500 st."), ("Papier", "Zakjes kraft 100 st."), ("Papier", "Kassarol 20 st."),
    ("Seizoen", "Kerstpakket klein"), ("Seizoen", "Kerstpakket groot"), ("Seizoen", "Paaseitjes 1 kg"),
    ("Seizoen", "Sinterklaasmix 750 g"),
)  # fmt: skip
CLASSES = {
    1: ("Region", (("N", "North"), ("E", "East"), ("S", "South"), ("W", "West"), ("X", "Abroad"))),
    2: ("Sector", (("RET", "Retail"), ("HOR", "Hospitality"), ("IND", "Industry"), ("SRV", "Services"), ("AGR", "Agriculture"))),
    3: ("Customer value", (("A", "Key account"), ("B", "Regular"), ("C", "Small"))),
    4: ("Channel", (("SHOP", "Web shop"), ("REP", "Representative"), ("PHONE", "Telephone"), ("FAIR", "Trade fair"))),
    5: ("Payment", (("1", "Pays early"), ("2", "Pays on time"), ("3", "Pays late"), ("10", "Only prepaid"))),
    6: ("Language", (("NL", "Dutch"), ("EN", "English"), ("DE", "German"), ("FR", "French"))),
    7: ("Campaign", (("SPRING", "Spring 2026"), ("AUTUMN", "Autumn 2025"), ("NEW", "Newcomers"), ("IDLE", "Not used yet"))),
    8: ("Service level", (("GOLD", "Gold: within 4 hours"), ("SILVER", "Silver: next day"), ("BASIC", "Basic"))),
}  # fmt: skip
UNUSED = ((7, "IDLE"),)
