"""Who is let in, and until when."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.identity.api_key import (
    ApiKey,
    ApiKeyIdTaken,
    ApiKeyIssued,
    ApiKeyRevoked,
    Scope,
    ScopeNeedsUser,
    evolve,
    issue,
    revoke,
)
from domain.identity.past import ApiKeyIssuedInClear
from tests.support.scenario import Story

story = Story(evolve)

ADA = UUID(int=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def issuing(scope=Scope.SERVICE, user_id=None, digest="d1", expires_at=None):
    return partial(issue, scope=scope, digest=digest, label="back end", user_id=user_id, expires_at=expires_at)


def issued(scope=Scope.SERVICE, user_id=None, digest="d1", expires_at=None):
    return ApiKeyIssued(scope=scope, digest=digest, label="back end", user_id=user_id, expires_at=expires_at)


def after(*events) -> ApiKey:
    key = story.state(events)
    assert key is not None
    return key


others = st.sampled_from([Scope.SERVICE, Scope.AUDITOR, Scope.ADMIN])
decisions = st.one_of(
    st.just(revoke), st.builds(issuing, scope=st.sampled_from(Scope), digest=st.sampled_from(["d1", "d2"]))
)


def test_a_key_is_issued_as_a_digest():
    story.given().when(issuing()).then(issued())


def test_issuing_the_same_key_again_changes_nothing():
    story.given(issued()).when(issuing()).then()


def test_a_revoked_key_is_not_issued_again():
    story.given(issued(), ApiKeyRevoked()).when(issuing()).then()
    assert not after(issued(), ApiKeyRevoked()).opens_at(NOON)


def test_an_id_belongs_to_one_key():
    refusal = story.given(issued(digest="d1")).when(issuing(digest="d2")).then_refuses(ApiKeyIdTaken)
    assert refusal.code == "api_key_id_taken"


@pytest.mark.parametrize("scope", [Scope.SERVICE, Scope.AUDITOR, Scope.ADMIN])
def test_only_a_key_of_scope_user_or_creator_names_a_user(scope):
    refusal = story.given().when(issuing(scope, user_id=ADA)).then_refuses(ScopeNeedsUser)
    assert refusal.field == "user_id"


@pytest.mark.parametrize("scope", [Scope.USER, Scope.CREATOR])
def test_a_key_of_scope_user_or_creator_names_its_user(scope):
    story.given().when(issuing(scope)).then_refuses(ScopeNeedsUser)
    story.given().when(issuing(scope, ADA)).then(issued(scope, ADA))


def test_a_key_whose_label_was_recorded_in_clear_is_the_same_key():
    in_clear = ApiKeyIssuedInClear(scope=Scope.USER, digest="d1", label="back end", user_id=ADA)
    assert in_clear.upcast() == issued(Scope.USER, ADA)


def test_a_key_can_be_revoked_once():
    story.given(issued()).when(revoke).then(ApiKeyRevoked())
    story.given(issued(), ApiKeyRevoked()).when(revoke).then()


def test_a_key_opens_until_the_moment_it_expires():
    key = after(issued(expires_at=NOON))
    assert key.opens_at(NOON - A_SECOND)
    assert not key.opens_at(NOON)
    assert not key.opens_at(NOON + A_SECOND)


def test_a_key_that_never_expires_opens_for_ever():
    assert after(issued()).opens_at(datetime.max.replace(tzinfo=UTC))


def test_a_log_that_revokes_what_was_never_issued_is_broken():
    with pytest.raises(AssertionError, match="before ApiKeyIssued"):
        evolve(None, ApiKeyRevoked())


@for_all(others, st.lists(decisions, max_size=8))
def test_whatever_is_asked_in_whatever_order_every_decision_is_repeatable(scope, asked):
    history = story.live(issuing(scope), asked)
    assert history == [issued(scope)] or history == [issued(scope), ApiKeyRevoked()]
