"""Descriptions by language: the SQL of a stored text in an account's language."""


def of_item(item: str, language: str) -> str:
    """Return the SQL of an item's text in a language, NULL if there is none; `item` is the alias of its table."""
    return f"(SELECT text FROM item_text WHERE item_id = {item}.id AND language = {language})"


def of_condition(condition: str, language: str) -> str:
    """Return the SQL of a payment condition's text in a language, NULL if there is none."""
    return f"(SELECT text FROM payment_condition_text WHERE condition_id = {condition}.id AND language = {language})"


def language_of(account: str) -> str:
    """Return the SQL of an account's language in two small letters: nl for nl, NL and nl-BE."""
    return f"lower(substr(trim({account}.language), 1, 2))"
