"""How statements are sent and in which language, as the configuration says."""

from collections.abc import Collection
from dataclasses import dataclass

from segcli.settings import letter_texts, sections
from segcli.settings.config import Config


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of all statements."""

    is_emailed: bool
    falls_back_to_letter: bool
    languages: Collection[str]
    language: str  # of accounts whose language is not in `languages`

    def way(self, email: str | None) -> str:
        """Return how a statement is sent to an account with this e-mail address: email or letter; '' if it cannot be sent."""
        if self.is_emailed and email:
            return "email"
        return "letter" if not self.is_emailed or self.falls_back_to_letter else ""

    def language_of(self, wanted: str | None) -> str:
        """Return the language of a statement for an account with the language `wanted`."""
        short = (wanted or "").strip().lower()[:2]
        return short if short in self.languages else self.language


def read(config: Config) -> Policy:
    """Return the configured policy. A wrong setting is a SegcliError that names it."""
    found = sections.section(config, "statements")
    return Policy(
        found["action"] == "email",
        found["without_email"] == "letter",
        letter_texts.read(config, 1),
        str(sections.section(config, "reminders")["language"]),
    )
