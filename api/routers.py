"""The routes below ``/api``: those that ask who is there, and the few that cannot."""

from litestar import Router

from adapters.composition import System
from api.controllers import FOR_MEMBERS, FOR_VISITORS
from api.conventions.auth import authentication
from api.conventions.bearers import Bearers
from api.conventions.bodies import JsonBody, require_json
from api.conventions.layers import conventions
from api.parts import given

SECURITY: list[dict[str, list[str]]] = [{"apiKey": []}, {"accessToken": []}, {"session": [], "csrf": []}]
"""Any one of these: the names are explained in ``api/openapi/serving.py``."""


def api_router(system: System, bearers: Bearers) -> Router:
    """The routes for those who show who they are, and those for visitors."""
    around, inside = conventions(system)
    members = Router(
        "/", route_handlers=FOR_MEMBERS, middleware=[*around, authentication(bearers), *inside], security=SECURITY
    )
    visitors = Router("/", route_handlers=FOR_VISITORS, middleware=[*inside])
    return Router(
        "/api",
        route_handlers=[members, visitors],
        guards=[require_json],
        dto=JsonBody,
        return_dto=None,
        dependencies={
            "clock": given(system.clock),
            "identity": given(system.identity),
            "registrations": given(system.registrations),
            "accounts": given(system.accounts),
            "sessions": given(system.sessions),
            "roles": given(system.roles),
            "api_keys": given(system.api_keys),
            "bearers": given(bearers),
            "catalog": given(system.catalog),
            "engagement": given(system.engagement),
        },
    )
