"""Names for the example administration: invented, of the kinds that a Dutch wholesaler meets."""

OWN_NAMES = (  # Dutch accounts with a name of their own, and their sector
    ("'t Gouden Hoen", "HOR"), ("Café De Ster", "HOR"), ("Gebr. van der Meulen", "IND"),
    ("De Boer & Zn. Installaties", "IND"), ("Kaasmakerij Oudewater", "AGR"), ("Bloemisterij Zonneschijn", "RET"),
    ("Drukkerij Het Witte Blad", "IND"), ("Fietsplus", "RET"), ("Tuincentrum De Wilg", "AGR"),
    ("Restaurant Zeezicht", "HOR"), ("Coöperatie 't Veld U.A.", "AGR"), ('Eetcafé "De Buren"', "HOR"),
    ("Hotel 's-Gravenhof", "HOR"), ("Wijnhandel Druif, Vat & Fles", "RET"), ("IJssalon Venezia", "HOR"),
    ("Sportschool Fit!", "SRV"), ("Apotheek Centrum", "RET"), ("Boekhandel Letterzin", "RET"),
    ("Camping Duinzicht", "HOR"), ("Brouwerij Het Anker", "IND"), ("Rederij Waterland", "SRV"),
    ("Theater De Kroon", "SRV"), ("Zuivel Friesland-Oost", "AGR"), ("Optiek Helder Zicht", "RET"),
    ("Uitgeverij Papier", "IND"), ("stichting naast de buren", "SRV"), ("Stoffenhuis Draad", "RET"),
    ("Muziekhuis Toon", "RET"),
)  # fmt: skip
TRADES = (  # nineteen trades and twenty-nine surnames: each pair comes once in 551
    ("Bakkerij", "RET"), ("Restaurant", "HOR"), ("Bouwbedrijf", "IND"), ("Adviesbureau", "SRV"), ("Kwekerij", "AGR"),
    ("Slagerij", "RET"), ("Lunchroom", "HOR"), ("Metaalbewerking", "IND"), ("Garage", "SRV"), ("Loonbedrijf", "AGR"),
    ("Speelgoedwinkel", "RET"), ("Hotel", "HOR"), ("Timmerfabriek", "IND"), ("Accountantskantoor", "SRV"),
    ("Fruitbedrijf", "AGR"), ("Groentehandel", "RET"), ("Cateringbedrijf", "HOR"), ("Transport", "SRV"),
    ("Installatietechniek", "IND"),
)  # fmt: skip
SURNAMES = (
    "Jansen", "De Vries", "Van den Berg", "Bakker", "Van Dijk", "Visser", "Smit", "Meijer", "De Groot", "Mulder",
    "Bos", "Vos", "Peters", "Hendriks", "Van Leeuwen", "Dekker", "Brouwer", "De Wit", "Dijkstra", "Smits", "De Graaf",
    "Van der Linden", "Kok", "Jacobs", "Öztürk", "Van Vliet", "Ten Brink", "El Amrani", "Hoekstra",
)  # fmt: skip
LEGAL_FORMS = ("", " B.V.", " & Zn.", " V.O.F.", "")
FOREIGN = (
    ("BE", "nl", "2000", "Antwerpen", "Brasserie De Schelde"), ("BE", "fr", "4000", "Liège", "Pâtisserie Été"),
    ("DE", "de", "50667", "Köln", "Müller & Söhne GmbH"),
    ("GB", "en", "EC1A 1BB", "London", "O'Brien & Daughters Ltd"),
    ("FR", "fr", "69002", "Lyon", "Boulangerie Chez Zoé"), ("JP", "en", "100-0001", "東京", "株式会社さくら"),
    ("DE", "de", "48143", "Münster", "Großhandel Weiß KG"),
    ("PL", "pl", "90-001", "Łódź", "Hurtownia Żółw Sp. z o.o."), ("BE", "nl", "9000", "Gent", "Gentse Boekenkaft BV"),
    ("US", "en", "02108", "Boston", "Beacon Hill Trading Inc."),
    ("ES", "es", "15001", "A Coruña", "Panadería Ñandú S.L."),
    ("CZ", "cs", "301 00", "Plzeň", "Pivovar Ďáblík s.r.o."), ("DE", "de", "20457", "Hamburg", "Hafenkontor Jürgens"),
    ("GR", "el", "105 57", "Αθήνα", "Ελιά & Σία"), ("GB", "en", "LS1 4AP", "Leeds", 'The "Old" Mill plc'),
    ("FR", "fr", "30000", "Nîmes", "L'Œuvre d'Art SARL"), ("BE", "nl", "8000", "Brugge", "Kantwinkel 't Klosje"),
    ("IL", "he", "6100000", "תל אביב", "מאפיית הזית"), ("PL", "pl", "31-001", "Kraków", "Księgarnia Ślimak"),
    ("DE", "de", "01067", "Dresden", "Gebäckhaus Krönke OHG"), ("CN", "zh", "200001", "上海", "上海绿茶贸易有限公司"),
    ("BE", "fr", "5000", "Namur", "Épicerie du Pont SRL"), ("ES", "es", "29001", "Málaga", "Bodegas Muñoz e Hijos"),
    ("US", "en", "10001", "New York", "Tulip & Tea Importers LLC"),
    ("DE", "de", "80331", "München", "Käsestube Öttl e.K."), ("FR", "fr", "67000", "Strasbourg", "Maison Schœpf"),
    ("GB", "en", "EH1 1AA", "Edinburgh", "MacLeod's Tearooms Ltd"),
    ("BE", "nl", "3500", "Hasselt", "Koffiebar Zwart Goud"), ("AE", "ar", "", "دبي", "مخبز النخيل"),
    ("CZ", "cs", "602 00", "Brno", "Řeznictví Kříž"),
    ("DE", "de", "47051", "Duisburg", "Rhein-Ruhr Büroservice GmbH & Co. KG"),
    ("BE", "de", "4700", "Eupen", "Ostbelgien Getränke GmbH"), ("PL", "pl", "80-001", "Gdańsk", "Kawiarnia Bursztyn"),
    ("IN", "en", "560001", "Bengaluru", "Śrī Lakṣmī Teas Pvt. Ltd."),
    ("GR", "el", "546 24", "Θεσσαλονίκη", "Καφέ Ήλιος"),
    ("GB", "en", "BT1 5GS", "Belfast", "Ní Dhomhnaill, Byrne & Co."),
    ("BE", "nl", "2800", "Mechelen", "De Koekoek BV"), ("FR", "fr", "59000", "Lille", "Fromagerie Lefèvre-Noël"),
    ("KR", "en", "04524", "서울", "한강 커피 주식회사"), ("DE", "de", "26721", "Emden", "Teekontor Ostfriesland"),
    ("ES", "es", "48001", "Bilbao", "Etxeberria y Asociados S.A."),
    ("BE", "fr", "1000", "Bruxelles", "Chocolaterie Nuit d'Août"),
)  # fmt: skip
CITIES = (  # with the first figures of the postcode, the province and the region
    ("Amsterdam", "1011", "NH", "W"), ("Rotterdam", "3011", "ZH", "W"), ("'s-Hertogenbosch", "5211", "NB", "S"),
    ("Utrecht", "3511", "UT", "W"), ("Groningen", "9711", "GR", "N"), ("Maastricht", "6211", "LI", "S"),
    ("Zwolle", "8011", "OV", "E"), ("Leeuwarden", "8911", "FR", "N"), ("Middelburg", "4331", "ZE", "S"),
    ("Arnhem", "6811", "GE", "E"), ("Assen", "9401", "DR", "N"), ("Almere", "1315", "FL", "W"),
    ("Enschede", "7511", "OV", "E"),
)  # fmt: skip
STREETS = ("Dorpsstraat", "Stationsweg", "Kerkplein", "Havenkade", "Molenlaan", "Lange Nieuwstraat", "'t Zand")
PHONES = {  # ranges that nobody is connected to, as far as a country keeps one
    "NL": "019-555 {:04d}", "BE": "+32 0 555 {:04d}", "DE": "+49 30 23125 {:03d}", "FR": "+33 1 99 00 {:04d}",
    "GB": "+44 20 7946 0{:03d}", "US": "+1 617 555 0{:03d}",
}  # fmt: skip
VAT_NUMBERS = {
    "NL": "NL{:09d}B01", "BE": "BE0{:09d}", "DE": "DE{:09d}", "FR": "FR00{:09d}", "GB": "GB{:09d}", "PL": "PL{:010d}",
    "CZ": "CZ{:08d}", "ES": "ESB{:08d}", "GR": "EL{:09d}",
}  # fmt: skip
CURRENCIES = {"GB": "GBP", "US": "USD", "AE": "USD", "JP": "JPY"}
FIRST = (
    "Anna", "Bram", "Chantal", "Daan", "Elif", "Fatima", "Geert", "Hanneke", "Iris", "Joost", "Karin", "Lars",
    "Maria", "Noor", "Olivier", "Petra", "Quinten", "Renée", "Sander", "Tess", "Umar", "Veerle", "Willem", "Zoë",
)  # fmt: skip
LAST = (
    ("", "Jansen"), ("de", "Vries"), ("van den", "Berg"), ("", "Bakker"), ("van", "Dijk"), ("", "Çelik"),
    ("", "Müller"), ("de", "Groot"), ("", "Peeters"), ("ten", "Brink"), ("", "Şahin"), ("", "O'Neill"),
    ("van der", "Ploeg"), ("", "Kowalski"), ("in 't", "Veld"), ("", "Smit-de Boer"), ("el", "Amrani"),
)  # fmt: skip
PEOPLE = {  # first and last names abroad
    "BE": (("Lotte", "Peeters"), ("Benoît", "Lefèbvre"), ("Joke", "Van Damme"), ("Élise", "D'Hondt")),
    "DE": (("Jürgen", "Weiß"), ("Käthe", "Schröder"), ("Björn", "von Ahlen")),
    "FR": (("Zoé", "Noël"), ("François", "Lœuillet"), ("Anaïs", "Garçon")),
    "GB": (("Siobhán", "O'Brien"), ("Nigel", "Smythe-Jones")), "US": (("Ashley", "Johnson"), ("José", "Nguyen")),
    "PL": (("Łukasz", "Żak"), ("Małgorzata", "Wójcik")), "CZ": (("Jiří", "Dvořák"), ("Růžena", "Nováková")),
    "ES": (("Íñigo", "Muñoz Peña"), ("María José", "Núñez")), "GR": (("Ελένη", "Παππά"), ("Γιώργος", "Δήμου")),
    "JP": (("花子", "山田"), ("Kenji", "Satō")), "CN": (("伟", "王"),), "KR": (("민준", "김"),),
    "IN": (("Aiśvaryā", "Rao"),), "IL": (("נועה", "לוי"),), "AE": (("ليلى", "حداد"),),
}  # fmt: skip
JOBS = ("Directeur", "Inkoper", "Boekhouder", "Office manager", "Eigenaar", "Administratie", "Chef", "")
NOTES = ("", "", "", "", "prefers the telephone", "met at the trade fair", 'asked "no letters, please"')
MANAGERS = ("Eva Smit", "Tom de Wit", "Nadia Karimi", "Pieter Post")
ITEMS = (  # item group, description, unit, sales price and cost price in cents
    ("Thee", "Groene thee 100 g", "piece", 595, 310), ("Thee", "Zwarte thee 250 g", "piece", 895, 476),
    ("Thee", "Muntthee 50 zakjes", "box", 649, 342), ("Thee", "Rooibos 1 kg", "kg", 2250, 1290),
    ("Thee", "Theeproeverij 12 st.", "box", 1795, 1008), ("Koffie", "Espressobonen 1 kg", "kg", 1895, 1120),
    ("Koffie", "Filterkoffie 500 g", "piece", 849, 505), ("Koffie", "Cafeïnevrij 250 g", "piece", 549, 331),
    ("Koffie", "Koffiepads 36 st.", "box", 479, 265), ("Koffie", "Bonen bio 5 kg", "piece", 8750, 5480),
    ("Koek", "Stroopwafels doos 10", "box", 1250, 712), ("Koek", "Speculaas 400 g", "piece", 359, 188),
    ("Koek", "Gevulde koek 6 st.", "box", 535, 301), ("Koek", "Boterkoek, gesneden", "box", 725, 420),
    ("Kaas", "Jong belegen 1 kg", "kg", 1145, 803), ("Kaas", "Oude kaas 1 kg", "kg", 1675, 1170),
    ("Kaas", "Geitenkaas 200 g", "piece", 525, 347), ("Kaas", "Komijnekaas 500 g", "piece", 689, 462),
    ("Servies", "Theepot wit 1 l", "piece", 2495, 1230), ("Servies", "Kop en schotel", "piece", 795, 340),
    ("Servies", 'Dienblad eiken 16" x 10"', "piece", 3450, 1890), ("Servies", "Suikerpot", "piece", 1195, 520),
    ("Servies", "Cappuccinokop 6 st.", "box", 4195, 2050),
    ("Machines", "Espressomachine Duo", "piece", 189500, 132000), ("Machines", "Koffiemolen", "piece", 42900, 28750),
    ("Machines", "Waterkoker 1,7 l", "piece", 5995, 3310), ("Machines", "Melkschuimer", "piece", 8995, 5120),
    ("Machines", "Waterfilter", "piece", 3195, 1475), ("Dienst", "Onderhoud per uur", "hour", 8750, 5200),
    ("Dienst", "Training barista", "hour", 9500, 6100), ("Dienst", "Bezorging", "piece", 1250, 980),
    ("Dienst", "Voorrijkosten", "piece", 4500, 2400), ("Papier", "Bekers 250 st.", "box", 2195, 1260),
    ("Papier", "Servetten 500 st.", "box", 1375, 690), ("Papier", "Zakjes kraft 100 st.", "box", 895, 433),
    ("Papier", "Kassarol 20 st.", "box", 1649, 905), ("Seizoen", "Kerstpakket klein", "piece", 2475, 1590),
    ("Seizoen", "Kerstpakket groot", "piece", 4975, 3205), ("Seizoen", "Paaseitjes 1 kg", "kg", 1325, 788),
    ("Seizoen", "Sinterklaasmix 750 g", "piece", 995, 571),
)  # fmt: skip
FOOD = {"Thee", "Koffie", "Koek", "Kaas", "Seizoen"}  # at the lower rate of VAT
SECTORS = {"RET": "Retail", "HOR": "Hospitality", "IND": "Industry", "SRV": "Services", "AGR": "Agriculture"}
CLASSES = {
    1: ("Region", (("N", "North"), ("E", "East"), ("S", "South"), ("W", "West"), ("X", "Abroad"))),
    2: ("Sector", tuple(SECTORS.items())),
    3: ("Customer value", (("A", "Key account"), ("B", "Regular"), ("C", "Small"))),
    4: ("Channel", (("SHOP", "Web shop"), ("REP", "Representative"), ("PHONE", "Telephone"), ("FAIR", "Trade fair"))),
    5: ("Payment behaviour", (("1", "Pays early"), ("2", "Pays on time"), ("3", "Pays late"), ("10", "Only prepaid"))),
    6: ("Language group", (("NL", "Dutch"), ("EN", "English"), ("DE", "German"), ("FR", "French"))),
    7: ("Campaign", (("SPRING", "Spring 2026"), ("AUTUMN", "Autumn 2025"), ("NEW", "Newcomers"),
        ("IDLE", "Not used yet"), ("FAIR24", "Trade fair 2024, over"))),
    8: ("Service level", (("GOLD", "Gold: within 4 hours"), ("SILVER", "Silver: next day"), ("BASIC", "Basic"))),
}  # fmt: skip
RETIRED = {(7, "FAIR24")}  # an import refuses to give it, so no account has it
UNUSED = RETIRED | {(7, "IDLE")}
