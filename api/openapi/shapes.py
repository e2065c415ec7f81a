"""The exact shapes of bodies and answers, from the types that read and write them.

The framework's own schemas lose what msgspec enforces: bounds of items,
unknown fields that are refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast, get_args, get_origin

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from api.conventions.idempotency import BY_IDS
from api.conventions.problem_document import Problem

END_OF_SUCCESSES = 300
REFERENCE = "#/components/schemas/{name}"


class Shape(msgspec.Struct, frozen=True):
    """What one operation takes and answers; None is no body, or one that is not JSON.

    ``by_ids`` says that it is `api.conventions.idempotency.BY_IDS`.
    """

    body: Any
    answer: Any
    by_ids: bool


def operations(app: Litestar) -> Iterator[HTTPRouteHandler]:
    """The routes that are documented."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.resolve_include_in_schema() and isinstance(handler.operation_id, str):
                    yield handler


def shapes(app: Litestar) -> tuple[Mapping[str, Shape], Mapping[str, Any]]:
    """The shapes by operation, as schemas that refer to the second: the schemas of all types by name."""
    types = {
        str(handler.operation_id): (_body(handler), _answer(handler), bool(handler.opt.get(BY_IDS)))
        for handler in operations(app)
    }
    others = [Problem, *(spec for handler in operations(app) for spec in _other_answers(handler))]
    wanted = [each for body, answer, _ in types.values() for each in (body, answer) if each is not None]
    schemas, components = msgspec.json.schema_components([*wanted, *others], ref_template=REFERENCE)
    made = iter(schemas)
    return {
        operation: Shape(
            body=None if body is None else next(made),
            answer=None if answer is None else next(made),
            by_ids=by_ids,
        )
        for operation, (body, answer, by_ids) in types.items()
    }, components


def _body(handler: HTTPRouteHandler) -> Any:
    declared = handler.parsed_data_field
    return None if declared is None else getattr(declared.annotation, "documented_as", declared.annotation)


def _answer(handler: HTTPRouteHandler) -> Any:
    for status, documented in _documented(handler):
        if status < END_OF_SUCCESSES:
            return documented
    answered = handler.parsed_fn_signature.return_type.annotation
    if get_origin(answered) is Response:
        [answered] = get_args(answered)
    return None if answered in {bytes, Any} else answered


def _other_answers(handler: HTTPRouteHandler) -> Iterator[Any]:
    yield from (documented for status, documented in _documented(handler) if status >= END_OF_SUCCESSES)


def _documented(handler: HTTPRouteHandler) -> Iterator[tuple[int, Any]]:
    for status, spec in (handler.responses or {}).items():
        shape = cast("Any", spec.data_container)
        if shape is not None:
            yield status, shape
