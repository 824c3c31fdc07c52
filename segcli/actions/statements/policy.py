"""How statements are sent and in which language, as the configuration says."""

from collections.abc import Collection
from dataclasses import dataclass

from segcli.settings import letter_texts, sections
from segcli.settings.config import Config


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for all statements."""

    is_emailed: bool
    falls_back_to_letter: bool
    languages: Collection[str]
    language: str  # where an account has none of these

    def way(self, email: str | None) -> str:
        """Return how a statement is sent to an account with this address: email or letter, '' where it cannot be."""
        if self.is_emailed and email:
            return "email"
        return "letter" if not self.is_emailed or self.falls_back_to_letter else ""

    def language_of(self, wanted: str | None) -> str:
        """Return the language of a statement to an account that has this one."""
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
