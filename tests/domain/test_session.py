"""A session begins and ends once."""

from functools import partial
from uuid import UUID

import pytest

from domain.identity.session import Ending, SessionClosed, SessionKind, SessionOpened, begin, end, evolve
from tests.support.scenario import Story

story = Story(evolve)

ADA = UUID(int=1)
beginning = partial(begin, user_id=ADA, kind=SessionKind.BROWSER)
begun = SessionOpened(user_id=ADA, kind=SessionKind.BROWSER)


def test_a_session_begins_once():
    story.given().when(beginning).then(begun)
    story.given(begun).when(beginning).then()


def test_a_session_ends_once_and_the_first_reason_stays():
    story.given(begun).when(partial(end, reason=Ending.TOKEN_REUSED)).then(SessionClosed(reason=Ending.TOKEN_REUSED))
    ended = story.given(begun, SessionClosed(reason=Ending.TOKEN_REUSED))
    ended.when(partial(end, reason=Ending.SIGNED_OUT)).then()


def test_a_log_that_ends_what_never_began_is_broken():
    with pytest.raises(AssertionError, match="before SessionOpened"):
        evolve(None, SessionClosed(reason=Ending.ERASED))
