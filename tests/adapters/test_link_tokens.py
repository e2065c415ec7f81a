"""What the tokens in mailed links prove, and keys for single purposes."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from adapters.derived_keys import derived_key
from adapters.key_seeds import DerivedKeySeeds
from adapters.link_tokens import MacLinkTokens
from application.actor import Once
from application.identity.link_tokens import LinkClaim, LinkPurpose

MASTER, OTHER_MASTER = "5e" * 32, "5f" * 32
tokens = MacLinkTokens(MASTER)
claims = st.builds(LinkClaim, st.uuids(), st.uuids())


@for_all(claims, st.sampled_from(LinkPurpose))
def test_a_token_says_again_what_it_was_made_of(claim, purpose):
    token = tokens.token(purpose, claim)
    assert tokens.claim(purpose, token) == claim
    assert tokens.token(purpose, claim) == token
    assert token.replace("-", "").replace("_", "").isalnum()


@for_all(claims)
def test_a_token_is_good_for_one_purpose_and_one_platform(claim):
    token = tokens.token(LinkPurpose.VERIFICATION, claim)
    assert tokens.claim(LinkPurpose.PASSWORD_RESET, token) is None
    assert MacLinkTokens(OTHER_MASTER).claim(LinkPurpose.VERIFICATION, token) is None


@for_all(claims, st.integers(0, 63), st.integers(1, 255))
def test_a_token_with_any_byte_changed_proves_nothing(claim, place, change):
    written = bytearray(urlsafe_b64decode(tokens.token(LinkPurpose.VERIFICATION, claim) + "=="))
    written[place] ^= change
    changed = urlsafe_b64encode(written).rstrip(b"=").decode()
    assert tokens.claim(LinkPurpose.VERIFICATION, changed) is None


@for_all(st.text(max_size=120))
def test_what_is_no_token_proves_nothing(text):
    assert tokens.claim(LinkPurpose.VERIFICATION, text) is None


def test_a_key_tells_nothing_of_another():
    keys = {derived_key(master, purpose) for master in (MASTER, OTHER_MASTER) for purpose in ("one", "two")}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    assert derived_key(MASTER, "one") == derived_key(MASTER.upper(), "one")


def test_a_key_for_links_is_never_another_one():
    # Links that are in mailboxes must work after an upgrade.
    assert (
        derived_key("00" * 32, "link-tokens").hex()
        == "ef77d55116d8f8883f0fc902059e4aa8cb5bd95b385c5d195a18884499611856"
    )


@pytest.mark.parametrize("changed", [Once(b"k" * 32, b"e" * 32), Once(b"l" * 32, b"d" * 32)])
def test_the_same_call_gets_the_same_key_and_another_call_another(changed):
    seeds, once = DerivedKeySeeds(MASTER), Once(b"k" * 32, b"d" * 32)
    key_id, secret = seeds.seed(once)
    assert (key_id, secret) == seeds.seed(once)
    assert (key_id.version, key_id.variant, len(secret)) == (8, "specified in RFC 4122", 32)
    other_id, other_secret = seeds.seed(changed)
    assert {key_id, secret}.isdisjoint({other_id, other_secret})
    assert DerivedKeySeeds(OTHER_MASTER).seed(once)[1] != secret
