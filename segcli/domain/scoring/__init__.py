"""Account scores: pure arithmetic on rows of (id, value, …) from any source. No SQL runs here.

A command streams the rows from a cursor. Functions are generators unless they need all rows first (RFM limits, ABC classes, a
fit); those say so. The order of the rows does not affect scores, equal values score the same, and money is in minor units of
one currency. Parameters of a score (limits, windows, a fit) are frozen dataclasses, so that a command can print them, store
them with the resulting classes and reuse them. Input of each score, all up to a reference date, and its use in --where:

abc, concentration     (id, turnover of a window); need all accounts: in --where a class is calculated once per query
bands, growth          turnover of one window, or of two and first_invoice; need one account only, so usable as a metric
rfm                    days since last_invoice, invoices, turnover; with fixed limits a comparison of these three metrics
lifecycle, churn       (id, invoice_date): new, sleeping and lost follow from first_invoice and last_invoice, returned and
                       the rhythm from the distinct days; the usual gap of all accounts takes one pass before
bgnbd, gamma_gamma     (id, invoice_date) and the mean of repeat purchases; a fit over all accounts, then one at a time
"""
