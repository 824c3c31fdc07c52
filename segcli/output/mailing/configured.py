"""The transport that the configuration names: an SMTP server, else sendmail."""

from segcli.output.mailing import smtp_settings
from segcli.output.mailing.sendmail import Mailer
from segcli.output.mailing.transport import Transport
from segcli.settings.config import Config


def transport(config: Config) -> Transport:
    """Return the transport of the configuration. Raises SegcliError for a wrong setting or a missing program."""
    smtp = smtp_settings.read(config)
    if not smtp:
        return Mailer(config)
    from segcli.output.mailing.server import Server

    return Server(smtp)
