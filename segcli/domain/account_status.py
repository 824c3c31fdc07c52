"""Account statuses: the word shown to people and the letter stored in the database. Pure data."""

STATUS = {"none": "A", "suspect": "S", "prospect": "P", "customer": "C"}
