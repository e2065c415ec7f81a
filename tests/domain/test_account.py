"""What an account's history can hold."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.identity.account import (
    RESET_LASTS,
    VERIFICATION_LASTS,
    Account,
    AccountIsClosed,
    AccountNotVerified,
    LinkInvalid,
    account_stream,
    ask_reset,
    ask_verification,
    change_password,
    close,
    end_sessions,
    evolve,
    grant,
    open_verified,
    register,
    reset_password,
    revoke,
    verify,
)
from domain.identity.account_events import (
    AccountClosed,
    AccountOpened,
    EmailVerificationAsked,
    EmailVerified,
    PasswordChanged,
    PasswordResetAsked,
    RegistrationRepeated,
    Role,
    RoleGranted,
    RoleRevoked,
    SignedOutEverywhere,
)
from domain.identity.api_key import Scope
from domain.kernel.personal import ERASED
from tests.support.scenario import Story

story = Story(evolve)

ADA = UUID(int=1)
EMAIL = "ada@example.org"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST, SECOND = UUID(int=101), UUID(int=102)
LINK, NEWER_LINK = UUID(int=201), UUID(int=202)
A_SECOND = timedelta(seconds=1)

opened = AccountOpened(user_id=ADA, email=EMAIL, credential_id=FIRST)
asked = EmailVerificationAsked(request_id=LINK, expires_at=NOON + VERIFICATION_LASTS)
verified = EmailVerified()
reset_asked = PasswordResetAsked(request_id=LINK, expires_at=NOON + RESET_LASTS)
member = (opened, asked, verified)


def registering(credential_id=FIRST, request_id=LINK, now=NOON):
    return partial(register, user_id=ADA, email=EMAIL, credential_id=credential_id, request_id=request_id, now=now)


def resetting(request_id=LINK, credential_id=SECOND, now=NOON):
    return partial(reset_password, request_id=request_id, credential_id=credential_id, now=now)


def after(*events) -> Account:
    account = story.state(events)
    assert account is not None
    return account


def test_registering_opens_an_account_and_promises_a_link():
    story.given().when(registering()).then(opened, asked)


def test_an_address_that_is_proved_cannot_be_registered_again_and_its_owner_is_told():
    story.given(*member).when(registering(SECOND, NEWER_LINK)).then(RegistrationRepeated(request_id=NEWER_LINK))
    assert after(*member, RegistrationRepeated(request_id=NEWER_LINK)).credential_id == FIRST


def test_until_an_address_is_proved_the_last_who_registers_chooses_the_password_and_has_the_link():
    newer = EmailVerificationAsked(request_id=NEWER_LINK, expires_at=NOON + VERIFICATION_LASTS)
    story.given(opened, asked).when(registering(SECOND, NEWER_LINK)).then(PasswordChanged(credential_id=SECOND), newer)
    overtaken = story.given(opened, asked, PasswordChanged(credential_id=SECOND), newer)
    overtaken.when(partial(verify, request_id=LINK, now=NOON)).then_refuses(LinkInvalid)
    overtaken.when(partial(verify, request_id=NEWER_LINK, now=NOON)).then(verified)


def test_an_account_that_an_admin_opens_is_verified_and_an_old_one_stays_as_it_is():
    opening = partial(open_verified, user_id=ADA, email=EMAIL, credential_id=FIRST)
    story.given().when(opening).then(opened, verified)
    story.given(*member).when(partial(opening, credential_id=SECOND)).then()


def test_an_account_that_a_stranger_may_have_begun_gets_the_admins_password_and_no_rights_before():
    opening = partial(open_verified, user_id=ADA, email=EMAIL, credential_id=SECOND)
    story.given(opened, asked).when(opening).then(PasswordChanged(credential_id=SECOND), verified)
    for role in (Role.ADMIN, Role.AUDITOR):
        story.given(opened, asked).when(partial(grant, role=role)).then_refuses(AccountNotVerified)
    story.given(opened, asked).when(partial(grant, role=Role.CREATOR)).then(RoleGranted(role=Role.CREATOR))


def test_a_link_proves_the_address_until_it_expires():
    proving = partial(verify, request_id=LINK)
    last = NOON + VERIFICATION_LASTS
    story.given(opened, asked).when(partial(proving, now=last - A_SECOND)).then(verified)
    refusal = story.given(opened, asked).when(partial(proving, now=last)).then_refuses(LinkInvalid)
    assert (refusal.code, refusal.field) == ("link_invalid", "token")


def test_another_link_can_be_asked_for_until_the_address_is_proved():
    asking = partial(ask_verification, request_id=NEWER_LINK, now=NOON)
    newer = EmailVerificationAsked(request_id=NEWER_LINK, expires_at=NOON + VERIFICATION_LASTS)
    story.given(opened, asked).when(asking).then(newer)
    story.given(*member).when(asking).then()
    story.given(opened, asked, AccountClosed()).when(asking).then()


def test_a_reset_changes_the_password_once():
    story.given(*member).when(partial(ask_reset, request_id=LINK, now=NOON)).then(reset_asked)
    story.given(*member, reset_asked).when(resetting()).then(PasswordChanged(credential_id=SECOND))
    used = story.given(*member, reset_asked, PasswordChanged(credential_id=SECOND))
    used.when(resetting(credential_id=UUID(int=103))).then_refuses(LinkInvalid)


def test_a_reset_lasts_an_hour_and_the_newest_link_alone_works():
    story.given(*member, reset_asked).when(resetting(now=NOON + RESET_LASTS)).then_refuses(LinkInvalid)
    newer = PasswordResetAsked(request_id=NEWER_LINK, expires_at=NOON + RESET_LASTS)
    story.given(*member, reset_asked, newer).when(resetting()).then_refuses(LinkInvalid)
    story.given(*member).when(resetting()).then_refuses(LinkInvalid)


def test_a_reset_by_mail_proves_the_address_as_well():
    past = story.given(opened, asked, reset_asked)
    past.when(resetting()).then(PasswordChanged(credential_id=SECOND), verified)


def test_a_changed_password_ends_the_reset_that_was_under_way():
    past = story.given(*member, reset_asked, PasswordChanged(credential_id=SECOND))
    past.when(resetting(credential_id=UUID(int=103))).then_refuses(LinkInvalid)


@pytest.mark.parametrize("ends", [PasswordChanged(credential_id=SECOND), SignedOutEverywhere(), AccountClosed()])
def test_what_ends_all_sessions_begins_another_generation(ends):
    assert after(*member, ends).generation == after(*member).generation + 1


def test_sessions_end_once_for_all_that_were_meant():
    story.given(*member).when(partial(end_sessions, generation=0)).then(SignedOutEverywhere())
    story.given(*member, SignedOutEverywhere()).when(partial(end_sessions, generation=0)).then()


def test_roles_are_granted_and_revoked_and_the_highest_gives_the_scope():
    story.given(*member).when(partial(grant, role=Role.CREATOR)).then(RoleGranted(role=Role.CREATOR))
    creator = (*member, RoleGranted(role=Role.CREATOR))
    story.given(*creator).when(partial(grant, role=Role.CREATOR)).then()
    story.given(*creator).when(partial(revoke, role=Role.CREATOR)).then(RoleRevoked(role=Role.CREATOR))
    story.given(*member).when(partial(revoke, role=Role.CREATOR)).then()
    assert after(*member).scope is Scope.USER
    assert after(*creator).scope is Scope.CREATOR
    assert after(*creator, RoleGranted(role=Role.AUDITOR)).scope is Scope.AUDITOR
    assert after(*creator, RoleGranted(role=Role.ADMIN), RoleGranted(role=Role.AUDITOR)).scope is Scope.ADMIN


def test_a_closed_account_stays_closed():
    story.given(*member).when(close).then(AccountClosed())
    closed = story.given(*member, reset_asked, AccountClosed())
    closed.when(close).then()
    closed.when(registering(SECOND, NEWER_LINK)).then_refuses(AccountIsClosed)
    closed.when(partial(open_verified, user_id=ADA, email=EMAIL, credential_id=SECOND)).then_refuses(AccountIsClosed)
    closed.when(partial(change_password, credential_id=SECOND)).then_refuses(AccountIsClosed)
    closed.when(partial(grant, role=Role.ADMIN)).then_refuses(AccountIsClosed)
    closed.when(partial(ask_reset, request_id=NEWER_LINK, now=NOON)).then()
    closed.when(resetting()).then_refuses(LinkInvalid)
    closed.when(partial(verify, request_id=LINK, now=NOON)).then_refuses(LinkInvalid)


def test_an_erased_address_is_an_account_still():
    erased = AccountOpened(user_id=ADA, email=ERASED, credential_id=FIRST)
    story.given(erased, asked, verified).when(close).then(AccountClosed())
    assert after(erased).address is None
    assert after(opened).address == EMAIL


def test_a_log_that_begins_with_anything_else_is_broken():
    with pytest.raises(AssertionError, match="EmailVerified before AccountOpened"):
        evolve(None, verified)


def test_an_account_has_a_stream_of_its_own_beside_its_users():
    assert account_stream(ADA) != ADA
    assert account_stream(ADA) == account_stream(ADA)


ids = st.integers(1, 4).map(lambda number: UUID(int=number))
times = st.integers(0, 48).map(lambda hours: NOON + timedelta(hours=hours))
decisions = st.one_of(
    st.builds(registering, ids, ids, times),
    st.builds(lambda it, now: partial(ask_verification, request_id=it, now=now), ids, times),
    st.builds(lambda it, now: partial(verify, request_id=it, now=now), ids, times),
    st.builds(lambda it, now: partial(ask_reset, request_id=it, now=now), ids, times),
    st.builds(resetting, ids, ids, times),
    st.builds(lambda it: partial(change_password, credential_id=it), ids),
    st.builds(lambda it: partial(end_sessions, generation=it), st.integers(0, 5)),
    st.builds(lambda role: partial(grant, role=role), st.sampled_from(Role)),
    st.builds(lambda role: partial(revoke, role=role), st.sampled_from(Role)),
    st.just(close),
)


@for_all(st.lists(decisions, max_size=20))
def test_whatever_is_asked_in_whatever_order_every_decision_is_repeatable(sequence):
    history = story.live(registering(), sequence)
    closings = [index for index, event in enumerate(history) if isinstance(event, AccountClosed)]
    assert len(closings) <= 1
    ended = set(map(type, history[closings[0] + 1 :])) if closings else set()
    assert ended <= {RoleRevoked, SignedOutEverywhere}
