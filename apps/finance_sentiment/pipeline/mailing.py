"""One e-mail by SMTP: an attempt, and whether it may have arrived. Keeps nothing."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from apps.finance_sentiment.settings import SendingSettings
from core.errors import Misconfigured
from core.posting import Posted

ANSWERS_WITHIN_S = 15.0
ACCEPTED = (250, 251, 252)  # of RFC 5321: done, forwarded, and "cannot say, but will try"


class NoMailServer(Misconfigured):
    """E-mail without a mail server."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            "no mail server is set", remedy="set `smtp_host` and `smtp_from` in trivium.toml, [apps.finance_sentiment]"
        )


@dataclass(frozen=True)
class Mail:
    """id: of the message, the same at every attempt;  lines: the first is the subject"""

    id: str
    to: Sequence[str]
    lines: Sequence[str]
    at: datetime


def letter(mail: Mail, sender: str) -> EmailMessage:
    """The e-mail as it is sent."""
    made = EmailMessage()
    made["Subject"] = " ".join(mail.lines[0].split())  # a line break would begin another header
    made["From"] = sender
    made["To"] = ", ".join(mail.to)
    made["Date"] = format_datetime(mail.at)
    made["Message-ID"] = f"<{mail.id}@trivium>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content("\n".join(mail.lines) + "\n")
    return made


def send(mail: Mail, settings: SendingSettings) -> Posted:
    """Make one attempt.

    Until the text itself is sent nothing can have arrived; when the connection breaks after that, nobody knows.
    raises: NoMailServer
    """
    if not settings.smtp_host or not settings.smtp_from:
        raise NoMailServer
    content = letter(mail, settings.smtp_from).as_bytes(policy=SMTP.clone(cte_type="7bit"))
    began = False
    try:
        with _opened(settings) as server:
            server.ehlo_or_helo_if_needed()
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            _accepted(*server.mail(settings.smtp_from))
            answers = {name: server.rcpt(name) for name in mail.to}
            refused = [name for name, (code, _) in answers.items() if code not in ACCEPTED]
            if len(refused) == len(answers):
                _accepted(*min(answers.values()))  # of several reasons the one that may pass
            began = True
            code, said = server.data(content)
            began = False
            _accepted(code, said)
    except smtplib.SMTPResponseException as error:
        return Posted(error.smtp_code, f"the mail server said {error.smtp_code}: {_text(error.smtp_error)}")
    except (smtplib.SMTPException, OSError) as error:
        return Posted(None, f"the mail server could not be used ({type(error).__name__})", unsure=began)
    # the others have it; it is not sent again for one that the server does not take
    return Posted(code, None, note=f"the mail server refused {', '.join(refused)}" if refused else None)


def _opened(settings: SendingSettings) -> smtplib.SMTP:
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(
            settings.smtp_host, settings.smtp_port, timeout=ANSWERS_WITHIN_S, context=ssl.create_default_context()
        )
    server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=ANSWERS_WITHIN_S)
    if settings.smtp_security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        except BaseException:
            server.close()
            raise
    return server


def _accepted(code: int, said: bytes) -> None:
    if code not in ACCEPTED:
        raise smtplib.SMTPResponseException(code, said)


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:120]
