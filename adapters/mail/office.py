"""Which way mails go out."""

from adapters.mail.correspondence import Correspondence
from adapters.mail.folder import FolderPost
from adapters.mail.smtp import SmtpPost
from adapters.postgres.mails import PostgresMails
from adapters.settings import Settings
from application.mailing import Post
from application.ports import Clock


def post_for(settings: Settings, clock: Clock) -> Post:
    """By SMTP if a server is set, else into the folder."""
    if settings.smtp_url:
        return SmtpPost(settings.smtp_url, sender=settings.mail_from, public_url=settings.site_url, clock=clock)
    return folder_for(settings, clock)


def folder_for(settings: Settings, clock: Clock) -> FolderPost:
    """The folder `Settings.mail_folder`, in which older mails may lie even where there is a server now."""
    return FolderPost(settings.mail_folder, sender=settings.mail_from, public_url=settings.site_url, clock=clock)


def correspondence_for(settings: Settings, clock: Clock, outbox: PostgresMails) -> Correspondence:
    """What mails leave behind, whichever way they go out."""
    return Correspondence(outbox, folder_for(settings, clock), clock)
