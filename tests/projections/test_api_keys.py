"""Given facts of the identity log, which keys there are."""

from uuid import UUID

from domain.identity.account_events import EmailVerified
from domain.identity.api_key import ApiKeyIssued, ApiKeyRevoked, Scope
from domain.kernel.personal import ERASED
from projections.api_keys import ApiKeys, KeyPatch
from tests.support.facts import NOON, fact

ADA, ONE, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
ISSUED = ApiKeyIssued(scope=Scope.USER, digest="d", label="phone", user_id=ADA)
PATCH = KeyPatch(user_id=ADA, scope=Scope.USER, issued_at=NOON)


def fold(*facts):
    return ApiKeys().fold(facts)


def test_a_key_is_issued_and_revoked():
    assert fold(fact(ISSUED, stream_id=ONE)) == {ONE: PATCH}
    both = fold(fact(ISSUED, stream_id=ONE), fact(ApiKeyRevoked(), stream_id=ONE, version=2))
    assert both == {ONE: KeyPatch(user_id=ADA, scope=Scope.USER, issued_at=NOON, revoked_at=NOON)}


def test_a_revocation_alone_says_nothing_of_what_was_issued():
    assert fold(fact(ApiKeyRevoked(), stream_id=OTHER, version=2)) == {OTHER: KeyPatch(revoked_at=NOON)}


def test_an_erased_label_leaves_the_key_as_it_was():
    erased = ApiKeyIssued(scope=Scope.USER, digest="d", label=ERASED, user_id=ADA)
    assert fold(fact(erased, stream_id=ONE)) == {ONE: PATCH}


def test_what_happens_to_accounts_makes_no_key():
    assert fold(fact(EmailVerified())) == {}
