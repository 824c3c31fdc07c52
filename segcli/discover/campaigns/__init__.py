"""Marketing lists and campaigns: members, groups, opt-outs, results and the size that a test needs."""
