"""What is stored of a fact, and what comes back: as it was, in today's words, or erased."""

import json
from uuid import UUID, uuid4

import msgspec
import pytest

from adapters.postgres.log import Pool
from adapters.postgres.mapper import TAGS, FactMapper, FactRow, SubjectMissing, UnknownEvent
from adapters.postgres.subject_keys import KeyNotLoaded, MasterKeyWrong, SubjectKeys
from domain.engagement.interaction import SearchMade, VideoLiked
from domain.events import EVERY_EVENT
from domain.identity.user import Attributes, UserRegistered
from domain.kernel.event import PastEvent
from domain.kernel.personal import ERASED
from tests.support.facts import fact, like

pytestmark = pytest.mark.anyio

SUBJECT = UUID(int=7)
SEARCH = fact(SearchMade(user_id=SUBJECT, query="canary of mine"), subject_id=SUBJECT)


@pytest.fixture
async def mapper(keys: SubjectKeys) -> FactMapper:
    await keys.ensure([SUBJECT])
    return FactMapper(keys)


def read(mapper: FactMapper, row: FactRow):
    [fact] = mapper.facts([(row.tag, row.state, 3)])
    return fact


async def test_a_fact_comes_back_as_it_went_in(mapper: FactMapper):
    before = like()
    after = read(mapper, mapper.row(before))
    assert after == msgspec.structs.replace(before, position=3)


async def test_stored_bytes_are_json_that_says_everything_but_the_position(mapper: FactMapper):
    before = like()
    stored = json.loads(mapper.row(before).state)
    assert stored["event"]["type"] == "engagement.video_liked"
    assert stored["event_id"] == stored["stream_id"] == str(before.event_id)
    assert "position" not in stored


async def test_personal_words_are_not_in_the_stored_bytes(mapper: FactMapper):
    row = mapper.row(SEARCH)
    assert b"canary" not in row.state
    assert read(mapper, row).event == SEARCH.event


async def test_a_nested_personal_value_comes_back_whole(mapper: FactMapper):
    registered = fact(UserRegistered(attributes=Attributes(name="N", birth_year=1990)), subject_id=SUBJECT)
    row = mapper.row(registered)
    assert b"1990" not in row.state
    assert read(mapper, row).event == registered.event


async def test_without_the_key_a_personal_value_reads_as_erased(mapper: FactMapper, connections: Pool):
    row = mapper.row(SEARCH)
    async with connections.connection() as connection:
        await connection.execute("DELETE FROM vault.subject_keys")
    elsewhere = SubjectKeys(connections, "11" * 32)
    await elsewhere.load([SUBJECT])
    assert read(FactMapper(elsewhere), row).event == SearchMade(user_id=SUBJECT, query=ERASED)


async def test_a_value_sealed_for_one_event_does_not_open_in_another(mapper: FactMapper):
    row, other = mapper.row(SEARCH), uuid4()
    moved = row.state.replace(str(SEARCH.event_id).encode(), str(other).encode())
    [back] = mapper.facts([(row.tag, moved, 1)])
    assert back.event.query == ERASED


async def test_personal_data_of_nobody_is_refused(mapper: FactMapper):
    with pytest.raises(SubjectMissing):
        mapper.row(fact(SearchMade(user_id=SUBJECT, query="q")))


async def test_sealing_for_a_subject_without_a_key_is_refused(mapper: FactMapper):
    with pytest.raises(KeyNotLoaded):
        mapper.row(fact(SearchMade(user_id=SUBJECT, query="q"), subject_id=uuid4()))


async def test_another_platforms_master_key_is_told_apart_from_an_erasure(keys: SubjectKeys, connections: Pool):
    await keys.ensure([SUBJECT])
    with pytest.raises(MasterKeyWrong, match="PLAYHEAD_MASTER_KEY"):
        await SubjectKeys(connections, "22" * 32).load([SUBJECT])


async def test_an_event_nobody_lists_is_not_skipped(mapper: FactMapper):
    with pytest.raises(UnknownEvent, match=r"engagement\.video_adored"):
        mapper.facts([("engagement.video_adored", b"{}", 1)])


class VideoAdored(PastEvent, frozen=True, kw_only=True, tag="engagement.video_adored"):
    """Likes had another name once."""

    who: UUID
    what: UUID

    def upcast(self) -> VideoLiked:
        return VideoLiked(user_id=self.who, video_id=self.what)


async def test_an_event_of_the_past_is_read_in_todays_words(keys: SubjectKeys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(EVERY_EVENT, "engagement.video_adored", VideoAdored)
    monkeypatch.setitem(TAGS, VideoAdored, "engagement.video_adored")
    mapper = FactMapper(keys)
    row = mapper.row(fact(VideoAdored(who=SUBJECT, what=UUID(int=8))))
    assert read(mapper, row).event == VideoLiked(user_id=SUBJECT, video_id=UUID(int=8))
