"""The status of an account: the word that people use, and the letter that is kept. Pure data."""

STATUS = {"none": "A", "suspect": "S", "prospect": "P", "customer": "C"}
