"""When two addresses are the same, and which can be none."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.identity.email import EmailInvalid, mailable, normalised


@pytest.mark.parametrize(
    "same",
    [
        "ada@example.org",
        "ADA@Example.ORG",
        "  ada@example.org ",
        "ada@example.org.",
        "\uff41\uff44\uff41@example.org",  # full width
    ],
)
def test_the_same_address_written_otherwise_is_the_same(same):
    assert normalised(same) == "ada@example.org"


def test_a_domain_is_the_same_in_letters_and_in_ascii():
    assert normalised("ada@b\xfccher.example") == normalised("ada@xn--bcher-kva.example")


@pytest.mark.parametrize(
    "other", ["a.da@example.org", "ada+news@example.org", "ada@example.com", "ada@sub.example.org"]
)
def test_other_addresses_are_others(other):
    assert normalised(other) != "ada@example.org"


@pytest.mark.parametrize("address", ["ada@example.org", "j\xfcrgen@b\xfccher.example", "a+b.c_d@sub.example.org"])
def test_an_address_stays_as_it_is_written(address):
    assert mailable(f" {address} ") == address


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@@example.org",
        "ada@example..org",
        "ada@.org",
        "ada lovelace@example.org",
        "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org,eve@example.org",
        "Ada <ada@example.org>",
        "ada\u202e@example.org",
        "a" * 65 + "@example.org",
        "ada@" + "a" * 64 + ".org",
        "ada@" + ".".join(["a" * 60] * 5),
    ],
)
def test_what_no_mail_can_be_sent_to_is_refused(wrong):
    with pytest.raises(EmailInvalid) as refusal:
        mailable(wrong)
    assert refusal.value.field == "email"


@for_all(st.text(max_size=40))
def test_normalising_never_fails_and_is_done_once(text):
    assert normalised(normalised(text)) == normalised(text)


@for_all(st.emails())
def test_an_address_of_the_usual_kind_is_normalised_to_itself_whatever_its_case(email):
    assert normalised(email.upper()) == normalised(email.lower())
