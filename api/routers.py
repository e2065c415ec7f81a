"""The routes below ``/api``: those that ask who is there, and the few that cannot."""

from litestar import Router
from litestar.types import ControllerRouterHandler

from adapters.composition import System
from api.accounts import OwnAccount, PasswordResets, Registrations, UserRoles
from api.api_keys import Keys
from api.auth import authentication
from api.bearers import Bearers
from api.bodies import JsonBody, require_json
from api.catalog import Creators, Videos
from api.conventions import conventions
from api.engagement import InteractionReports
from api.identity import Users
from api.live import Live
from api.mails import OwedMails
from api.operations import Projections
from api.parts import given
from api.recommendations import Recommendations
from api.sessions import OwnSessions, SigningIn
from api.subjects import DataSubjects

MEMBERS: list[ControllerRouterHandler] = [
    Users,
    UserRoles,
    OwnAccount,
    OwnSessions,
    Keys,
    Videos,
    Creators,
    InteractionReports,
    Recommendations,
    Live,
    Projections,
    DataSubjects,
    OwedMails,
]
VISITORS: list[ControllerRouterHandler] = [Registrations, PasswordResets, SigningIn]
SECURITY: list[dict[str, list[str]]] = [{"apiKey": []}, {"accessToken": []}, {"session": [], "csrf": []}]
"""Any one of these: the names are explained in ``api/app.py``."""


def api_router(system: System, bearers: Bearers) -> Router:
    """The routes for those who show who they are, and those for visitors."""
    around, inside = conventions(system)
    members = Router(
        "/", route_handlers=MEMBERS, middleware=[*around, authentication(bearers), *inside], security=SECURITY
    )
    visitors = Router("/", route_handlers=VISITORS, middleware=[*inside])
    return Router(
        "/api",
        route_handlers=[members, visitors],
        guards=[require_json],
        dto=JsonBody,
        return_dto=None,
        dependencies={
            "clock": given(system.clock),
            "identity": given(system.identity),
            "accounts": given(system.accounts),
            "sessions": given(system.sessions),
            "roles": given(system.roles),
            "api_keys": given(system.api_keys),
            "bearers": given(bearers),
            "catalog": given(system.catalog),
            "engagement": given(system.engagement),
            "recommender": given(system.recommender),
        },
    )
