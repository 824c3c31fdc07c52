"""E-mail addresses: which texts are one, how one is written, and its key, by which all spellings of a mailbox are one. Pure.

A domain is compared as IDNA 2008 has it (RFC 5891), with the mapping of UTS 46: in the ASCII form in which it travels. `ß` and
`ς` are letters of their own. Local parts are compared without case: the few mailboxes that differ by it alone count as one.
"""

import re
import unicodedata
from contextlib import suppress

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
_ESCAPED = re.compile(r"\\(.)")
_SPECIAL = frozenset('()<>[]:;@\\,."')
_MOST, _MOST_LOCAL, _MOST_LABEL = 254, 64, 63  # bytes: RFC 5321, RFC 1035
_DOTS = str.maketrans({"\u3002": ".", "\uff61": "."})  # full stops of Chinese and Japanese, which UTS 46 takes for dots
_KEPT = {"ß": "ß", "ẞ": "ß", "ς": "ς"}


def address(text: str) -> str | None:
    """Return the one address that a text is, as it is written: no mailto:, quotes or hidden characters; None where it is none."""
    found = _parts(text)
    return f"{found[0]}@{found[1]}" if found else None


def key(text: str) -> str | None:
    """Return what is the same for all spellings of an address; None for a text that is no address."""
    found = _parts(text)
    return f"{found[0].casefold()}@{'.'.join(map(_ascii, _labels(found[1])))}" if found else None


def same(text: str) -> str:
    """Return the key of an address, or the text in one case where it is none: by which texts are compared."""
    return key(text) or text.strip().casefold()


def keys(text: str) -> tuple[str, ...]:
    """Return the key of an address, then others under which an earlier segcli kept it."""
    found = same(text)
    if text.isascii() and found == text.strip().lower() and "xn--" not in found:
        return (found,)
    local, _, domain = found.rpartition("@")
    shown = f"{local}@{'.'.join(map(_shown, domain.split('.')))}" if local else found
    return tuple(dict.fromkeys((found, *(older for one in (text, shown) for older in _older(one)))))


def _parts(text: str) -> tuple[str, str] | None:
    """Return the local part and the domain of an address."""
    stripped = text.strip()
    if stripped.isascii() and _PLAIN.fullmatch(stripped):
        local, _, domain = stripped.rpartition("@")
    else:
        local, _, domain = _unwrapped(stripped).translate(_DOTS).rpartition("@")
        local = _unquoted(local)
    is_short = len(local.encode()) <= _MOST_LOCAL and len(f"{local}@{domain}".encode()) <= _MOST
    return (local, domain) if is_short and _is_local(local) and _is_domain(domain) else None


def _unwrapped(text: str) -> str:
    """Return a text without mailto: and what nobody sees, its compatibility forms unified."""
    text = _seen(text)
    if text[:7].casefold() == "mailto:":
        text = text[7:]
        if "%" in text:
            from urllib.parse import unquote

            text = unquote(text)
    return unicodedata.normalize("NFKC", _seen(text))


def _seen(text: str) -> str:
    if text.isascii():
        return text.strip()
    hidden = (c for c in text if unicodedata.category(c) == "Cf" or c == "\u034f" or "\ufe00" <= c <= "\ufe0f")
    return text.translate(dict.fromkeys(map(ord, hidden))).strip()


def _unquoted(local: str) -> str:
    """Return a local part without quotes that it does not need; one that needs them is left, and is none."""
    if len(local) > 2 and local[0] == local[-1] == '"':  # noqa: PLR2004 - the quotes
        inner = _ESCAPED.sub(r"\1", local[1:-1])
        return inner if _is_local(inner) else local
    return local


def _is_local(local: str) -> bool:
    """Tell whether a local part is words between dots: of ASCII what RFC 5322 has, of the rest what is seen (RFC 6531)."""
    return all(local.split(".")) and not any(
        c in _SPECIAL or c.isspace() or unicodedata.category(c)[0] == "C" for c in local.replace(".", "")
    )


def _is_domain(domain: str) -> bool:
    """Tell whether a domain has two labels or more, of letters, digits and inner hyphens, and the last is no number."""
    labels = domain.split(".")
    return len(labels) > 1 and not labels[-1].isdigit() and all(map(_is_label, labels))


def _is_label(label: str) -> bool:
    is_right = all(c == "-" or unicodedata.category(c)[0] in "LMN" or c in "\u00b7\u30fb" for c in label)
    return bool(label) and is_right and "-" not in (label[0], label[-1]) and len(_ascii(label)) <= _MOST_LABEL


def _labels(domain: str) -> list[str]:
    return domain.split(".")


def _ascii(label: str) -> str:
    """Return a label as it travels."""
    shown = _shown(label)
    return shown if shown.isascii() else f"xn--{shown.encode('punycode').decode()}"


def _shown(label: str) -> str:
    """Return a label as it is read, in one case; one of punycode that is none stays as it is."""
    lowered = label.lower() if label.isascii() else _mapped(label)
    if not lowered.startswith("xn--"):
        return lowered
    with suppress(UnicodeError):
        found = lowered[4:].encode().decode("punycode")
        if not found.isascii() and f"xn--{found.encode('punycode').decode()}" == lowered:
            return _mapped(_seen(found))
    return lowered


def _mapped(label: str) -> str:
    return unicodedata.normalize("NFKC", "".join(_KEPT.get(c) or c.casefold() for c in label))


def _older(text: str) -> tuple[str, ...]:
    """Return the keys that an earlier segcli gave a text: as it is in one case, and with its domain by IDNA 2003."""
    plain = text.strip().casefold()
    if text.isascii():
        return (plain,)
    shown = "".join(letter for letter in text.strip() if unicodedata.category(letter) != "Cf")
    local, _, domain = unicodedata.normalize("NFKC", shown).rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return plain, f"{local}@{domain}".strip().casefold()
