"""`rules suggest`: a rule file learnt from accounts that are classified already."""
