"""The expression language of --where and of rules: from text to a condition in SQL."""
