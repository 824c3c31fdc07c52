"""Scores of accounts: pure arithmetic on rows of (id, value, …), whatever they were read from. No SQL runs here.

A command reads the rows with a cursor and hands them over as they come; what must see all of them before it can say
anything (the limits of RFM, the classes of ABC, a fit) says so, and the rest is a generator. The order of the rows changes
no score, equal values score the same, and money is in the smallest unit of one currency. What a score was made with
(limits, windows, a fit) is a frozen dataclass, so that a command can print it, store it beside the classes that it
wrote and use it again. What a score needs, all of it up to an as-of day, and what a metric of --where could be made of:

abc, concentration     (id, turnover of a window); they look at all accounts: a class for --where is worked out once per query
bands, growth          turnover of one window, or of two and first_invoice: one account is enough, so a metric as it stands
rfm                    days since last_invoice, invoices, turnover; with fixed limits a comparison of these three metrics
lifecycle, churn       (id, invoice_date): new, sleeping and lost follow from first_invoice and last_invoice, returned and
                       the rhythm from the distinct days; the usual gap of everybody is one pass before
bgnbd, gamma_gamma     (id, invoice_date) and the mean of repeat purchases; a fit over all accounts, then one at a time
"""
