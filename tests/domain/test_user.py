"""What a user's history can hold."""

from functools import partial

from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.identity.user import (
    Attributes,
    User,
    UserAttributesChanged,
    UserErased,
    UserIsErased,
    UserRegistered,
    change_attributes,
    erase,
    evolve,
    register,
)
from domain.kernel.personal import ERASED
from tests.support.scenario import Story

story = Story(evolve)

ADA = Attributes(name="Ada", email="ada@example.org", birth_year=1990, country="GB")
RENAMED = Attributes(name="Ada L.", country="GB")

registering = partial(register, attributes=ADA)
registered = UserRegistered(attributes=ADA)
renaming = partial(change_attributes, attributes=RENAMED)
renamed = UserAttributesChanged(attributes=RENAMED)

attributes = st.builds(
    Attributes,
    name=st.none() | st.text(max_size=5),
    birth_year=st.none() | st.integers(1900, 2020),
    gender=st.none() | st.sampled_from(["f", "m"]),
)
decisions = st.one_of(
    st.builds(lambda told: partial(register, attributes=told), attributes),
    st.builds(lambda told: partial(change_attributes, attributes=told), attributes),
    st.just(erase),
)


def test_a_user_is_registered_with_what_they_tell():
    story.given().when(registering).then(registered)


def test_registering_again_changes_nothing_even_with_other_attributes():
    story.given(registered).when(partial(register, attributes=RENAMED)).then()


def test_new_attributes_replace_all_that_were_known():
    story.given(registered).when(renaming).then(renamed)
    assert story.state([registered, renamed]) == User(RENAMED)


def test_telling_the_same_again_changes_nothing():
    story.given(registered, renamed).when(renaming).then()


def test_a_user_can_be_forgotten_registered_or_not():
    story.given(registered, renamed).when(erase).then(UserErased())
    story.given().when(erase).then(UserErased())


def test_nothing_is_recorded_about_a_user_who_was_erased():
    story.given(registered, UserErased()).when(registering).then_refuses(UserIsErased)
    story.given(registered, UserErased()).when(renaming).then_refuses(UserIsErased)
    story.given(registered, UserErased()).when(erase).then()


def test_an_erased_user_is_known_as_erased_and_stays_so():
    for later in ([], [renamed], [registered]):
        assert story.state([registered, UserErased(), *later]) == User(ERASED, erased=True)


@for_all(attributes, st.lists(decisions, max_size=12))
def test_whatever_is_asked_in_whatever_order_every_decision_is_repeatable(told, asked):
    history = story.live(partial(register, attributes=told), asked)
    assert isinstance(history[0], UserRegistered)
    assert all(isinstance(event, UserAttributesChanged | UserErased) for event in history[1:])
    assert not any(isinstance(event, UserErased) for event in history[:-1]), "nothing comes after"
