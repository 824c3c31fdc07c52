"""Who a letter goes to."""

from typing import NamedTuple


class Recipient(NamedTuple):
    """An account as a letter needs it."""

    account: str
    name: str
    address: str | None
    postcode: str | None
    city: str | None
    country: str | None
    email: str | None
    phone: str | None

    @property
    def has_address(self) -> bool:
        """Tell whether a letter can be posted: a country alone is no address."""
        return bool(self.address or self.postcode or self.city)

    def lines(self, home: str) -> tuple[str, ...]:
        """Return the lines of the address below the name; the country only where it is another one."""
        place = "  ".join(filter(None, (self.postcode, self.city)))
        country = self.country if self.country and self.country != home else ""
        return tuple(filter(None, (self.address, place, country)))
