"""Which passwords an account may have."""

import pytest

from domain.identity.password import PasswordTooWeak, prepared, require_strong

ADA = "ada.byron@example.org"


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "x" * 257,
        "1234567890",
        "9876543210",
        "2026-11-23",
        "password123!",
        "Playhead2026",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "ada.byron@example.org",
        "ada.byron1990",
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44\uff11\uff12",  # full width
    ],
)
def test_what_would_be_guessed_is_refused(weak):
    with pytest.raises(PasswordTooWeak) as refusal:
        require_strong(weak, email=ADA)
    assert refusal.value.field == "password"
    assert weak not in str(refusal.value)


@pytest.mark.parametrize(
    "strong",
    [
        "correct horse battery",
        "a quiet harbour",
        "Tr0ub4dor&3x",
        "\u043f\u0430\u0440\u043e\u043b\u044c \u043c\u043e\u0440\u044f",
        "x8!kQ2#mz7",
        "\U0001f42b\U0001f30a\U0001f525 and nine more",
    ],
)
def test_length_and_chance_are_enough(strong):
    require_strong(strong, email=ADA)


def test_a_password_is_the_same_from_every_keyboard():
    assert prepared("caf\xe9 au lait") == prepared("cafe\u0301 au lait")
