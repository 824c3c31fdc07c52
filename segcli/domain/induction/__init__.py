"""Short rules that describe accounts: single tests, conjunctions of tests, descriptions and decision lists. Pure.

Own code, not scikit-learn, because its result is read and kept by people: a decision tree has no rules in order of preference, no
tests on readable limits and no `or` of short conditions, and scikit-learn is an extra that most installations lack. A set of
accounts is one integer with a bit per account, so the search consists of `&` and `int.bit_count`.

Accounts are numbered in the order of their codes. Nothing depends on the names of values: tests of equal quality are ordered by their
length, by the order of the columns, and by the accounts that they select.
"""
