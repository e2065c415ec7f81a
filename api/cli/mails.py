"""``playhead mails``: which mails are owed, and what became of them."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import click
import msgspec

from adapters.composition import System
from api.cli.platform import ask, operator
from api.cli.running import data_option
from api.cli.tables import print_table
from application.mails import MailStanding, MailState
from domain.kernel.ids import uuid7

HEADINGS = ("MAIL", "KIND", "PROMISED", "STATE", "ATTEMPTS", "DUE", "REASON")


@click.group(help="Look at mails that are owed, and try one again.")
def command() -> None:
    """The commands on mails."""


@command.command("list", help="Mails, the last one promised first; neither addresses nor links are shown.")
@click.option("--state", type=click.Choice([each.value for each in MailState]), help="Those in this state only.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_option
def list_(state: str | None, limit: int, as_json: bool, data: Path | None) -> None:  # noqa: FBT001 - click passes flags so
    """One line for each."""

    async def listed(system: System) -> Sequence[MailStanding]:
        return await system.outbox.list(state=MailState(state) if state else None, limit=limit)

    found = ask(data, listed)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        print_table(HEADINGS, [_cells(mail) for mail in found])


@command.command(help="Try a mail at once that waits or has failed.")
@click.argument("mail_id", type=click.UUID, metavar="MAIL")
@data_option
def retry(mail_id: UUID, data: Path | None) -> None:
    """Say when it will be tried: as soon as a worker looks."""

    async def retried(system: System) -> MailStanding:
        return await system.mails.retry(mail_id, operator("mails", uuid7(system.clock())))

    ask(data, retried)
    click.echo(f"mail {mail_id} is due now")


def _cells(mail: MailStanding) -> tuple[str | int, ...]:
    return (
        str(mail.mail_id),
        mail.kind,
        f"{mail.promised_at:%Y-%m-%d %H:%M}",
        mail.state,
        mail.attempts,
        f"{mail.due_at:%Y-%m-%d %H:%M}" if mail.state is MailState.WAITING else "",
        mail.reason or "",
    )
