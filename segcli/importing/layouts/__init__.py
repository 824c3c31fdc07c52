"""The layouts of well-known exports: which program wrote a table, and which records each of its rows holds.

One module a program. A layout turns the rows of a table into rows of one or more kinds, such as an account, its contact and an
invoice; it knows headings and fields, no SQL. It may import the readers and the definitions of kinds.
"""
