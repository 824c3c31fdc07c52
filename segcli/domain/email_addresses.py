"""E-mail addresses: validation, normalization and the key that all spellings of a mailbox share. Pure.

Domains are compared in their ASCII form according to IDNA 2008 (RFC 5891) with the mapping of UTS 46; `ß` and `ς` are distinct
letters. Local parts are compared case-insensitively, so the few mailboxes that differ only by case count as one.
"""

import re
import unicodedata
from contextlib import suppress

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
# The usual address: plain, of allowed lengths, without punycode. It needs no further check; its key is its lower case.
_SHORT = r"(?!(?i:xn--))[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_USUAL = re.compile(
    rf"(?=.{{1,64}}@)(?=.{{1,254}}\Z){_ATOM}(?:\.{_ATOM})*@(?:{_SHORT}\.)+(?![0-9]+\Z){_SHORT}", re.ASCII
)
_ESCAPED = re.compile(r"\\(.)")
_SPECIAL = frozenset('()<>[]:;@\\,."')
_MOST, _MOST_LOCAL, _MOST_LABEL = 254, 64, 63  # bytes: RFC 5321, RFC 1035
_DOTS = str.maketrans({"\u3002": ".", "\uff61": "."})  # Chinese and Japanese full stops, which UTS 46 maps to dots
_KEPT = {"ß": "ß", "ẞ": "ß", "ς": "ς"}


def address(text: str) -> str | None:
    """Return the address in normal form, without mailto:, quotes or hidden characters; None if the text is not one address."""
    if _USUAL.fullmatch(stripped := text.strip()):
        return stripped
    found = _parts(text)
    return f"{found[0]}@{found[1]}" if found else None


def key(text: str) -> str | None:
    """Return the key shared by all spellings of an address; None if the text is not an address."""
    if _USUAL.fullmatch(stripped := text.strip()):
        return stripped.lower()
    found = _parts(text)
    return f"{found[0].casefold()}@{'.'.join(map(_ascii, _labels(found[1])))}" if found else None


def sendable(text: str) -> str | None:
    """Return the address as mail servers take it, with its domain in ASCII; None if it is no address or has another local part."""
    found = _parts(text)
    if not found or not found[0].isascii():
        return None
    return f"{found[0]}@{found[1] if found[1].isascii() else '.'.join(map(_ascii, _labels(found[1])))}"


def same(text: str) -> str:
    """Return the comparison key of a text: the key of the address, else the case-folded text."""
    return key(text) or text.strip().casefold()


def keys(text: str) -> tuple[str, ...]:
    """Return the key of an address, then the keys under which earlier versions of segcli stored it."""
    found = same(text)
    if text.isascii() and found == text.strip().lower() and "xn--" not in found:
        return (found,)
    local, _, domain = found.rpartition("@")
    shown = f"{local}@{'.'.join(map(_shown, domain.split('.')))}" if local else found
    return tuple(dict.fromkeys((found, *(older for one in (text, shown) for older in _older(one)))))


def _parts(text: str) -> tuple[str, str] | None:
    """Return the local part and the domain; None if the text is not an address."""
    stripped = text.strip()
    if stripped.isascii() and _PLAIN.fullmatch(stripped):
        local, _, domain = stripped.rpartition("@")
    else:
        local, _, domain = _unwrapped(stripped).translate(_DOTS).rpartition("@")
        local = _unquoted(local)
    is_short = len(local.encode()) <= _MOST_LOCAL and len(f"{local}@{domain}".encode()) <= _MOST
    return (local, domain) if is_short and _is_local(local) and _is_domain(domain) else None


def _unwrapped(text: str) -> str:
    """Remove mailto: and hidden characters, and unify compatibility forms."""
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
    """Remove unneeded quotes from a local part. One that needs quotes is returned unchanged and fails validation."""
    if len(local) > 2 and local[0] == local[-1] == '"':  # noqa: PLR2004 - the quotes
        inner = _ESCAPED.sub(r"\1", local[1:-1])
        return inner if _is_local(inner) else local
    return local


def _is_local(local: str) -> bool:
    """Tell whether a local part is a dot-atom: RFC 5322 for ASCII, any visible character beyond it (RFC 6531)."""
    return all(local.split(".")) and not any(
        c in _SPECIAL or c.isspace() or unicodedata.category(c)[0] == "C" for c in local.replace(".", "")
    )


def _is_domain(domain: str) -> bool:
    """Tell whether a domain has at least two labels of letters, digits and inner hyphens, and the last is not a number."""
    labels = domain.split(".")
    return len(labels) > 1 and not labels[-1].isdigit() and all(map(_is_label, labels))


def _is_label(label: str) -> bool:
    is_right = all(c == "-" or unicodedata.category(c)[0] in "LMN" or c in "\u00b7\u30fb" for c in label)
    return bool(label) and is_right and "-" not in (label[0], label[-1]) and len(_ascii(label)) <= _MOST_LABEL


def _labels(domain: str) -> list[str]:
    return domain.split(".")


def _ascii(label: str) -> str:
    """Return the ASCII form of a label."""
    shown = _shown(label)
    return shown if shown.isascii() else f"xn--{shown.encode('punycode').decode()}"


def _shown(label: str) -> str:
    """Return the case-folded Unicode form of a label; invalid punycode is returned lowercased."""
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
    """Return the keys used by earlier versions: the case-folded text, and the address with its domain in IDNA 2003."""
    plain = text.strip().casefold()
    if text.isascii():
        return (plain,)
    shown = "".join(letter for letter in text.strip() if unicodedata.category(letter) != "Cf")
    local, _, domain = unicodedata.normalize("NFKC", shown).rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return plain, f"{local}@{domain}".strip().casefold()
