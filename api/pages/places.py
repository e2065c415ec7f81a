"""Every page there is, by its place."""

from litestar.types import ControllerRouterHandler

from api.live import VisitorsLive
from api.pages.account import AccountPage
from api.pages.admin import AdminHome
from api.pages.appearance import Appearance
from api.pages.creators import Creators
from api.pages.feed import Feed, Saved
from api.pages.keys import Keys
from api.pages.mails import MailboxPages
from api.pages.privacy import Privacy
from api.pages.reference import Reference
from api.pages.registration import Registering
from api.pages.resetting import Resetting
from api.pages.signing_in import SigningIn
from api.pages.watch import Watch

PAGES: list[ControllerRouterHandler] = [
    Feed,
    Saved,
    Watch,
    VisitorsLive,
    Creators,
    SigningIn,
    Registering,
    Resetting,
    AccountPage,
    Keys,
    Privacy,
    AdminHome,
    MailboxPages,
    Appearance,
    Reference,
]
