"""Words that every package uses: text, money, dates, errors, files on their way to their place.

No SQL, and no file of segcli's own. It imports no other package.
"""
