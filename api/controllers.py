"""What there is below ``/api``: a new kind of thing gets its line here."""

from litestar.types import ControllerRouterHandler

from api.catalog import Creators, Videos
from api.engagement import InteractionReports
from api.identity.accounts import NewAccounts, OwnAccount, PasswordResets, UserRoles
from api.identity.api_keys import Keys
from api.identity.sessions import OwnSessions, SigningIn
from api.identity.subjects import DataSubjects
from api.identity.users import Users
from api.live import Live
from api.mails import OwedMails
from api.operations import Projections
from api.recommendations import Recommendations

FOR_MEMBERS: list[ControllerRouterHandler] = [
    Users,
    UserRoles,
    OwnAccount,
    OwnSessions,
    Keys,
    DataSubjects,
    Videos,
    Creators,
    InteractionReports,
    Recommendations,
    Live,
    Projections,
    OwedMails,
]
"""For those who show who they are."""

FOR_VISITORS: list[ControllerRouterHandler] = [NewAccounts, PasswordResets, SigningIn]
"""For those who cannot yet."""
