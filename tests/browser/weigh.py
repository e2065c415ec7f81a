"""``python -m tests.browser.weigh``: what each page weighs and how soon it is there, as a table.

Each page is opened by a browser that knows nothing (all bytes), and once more by
one that has been here (what a click costs); times are the medians of five.
"""

import asyncio
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from adapters.embedded.trial import trial_milvus, trial_nats, trial_postgres, trial_valkey
from adapters.logs import configure_logs
from adapters.settings import Settings
from domain.identity.account_events import Role
from tests.browser.gallery import open_gallery
from tests.browser.reader import Reader, chromium, open_browser, reading, weighed
from tests.support.audience import PASSWORD, account
from tests.support.databases import empty_database
from tests.support.site import settings_for

TIMES = 5
FOR_ALL = ("/", "/watch/{video}", "/creators/{creator}", "/sign-in", "/register", "/design")
FOR_MEMBERS = ("/", "/watch/{video}", "/account", "/account/keys", "/admin")


async def main(settings: Settings) -> None:
    """Print the table."""
    if (path := chromium()) is None:
        sys.exit("there is no chromium here: apt-get install chromium")
    print("| page | for | HTML, plain | first visit | of it scripts | requests | next visit | painted | shifted |")  # noqa: T201 - a table on standard output
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")  # noqa: T201 - its second line
    async with open_gallery(settings) as gallery, open_browser(path) as browser:
        _, email = await account(gallery.site, Role.ADMIN)
        async with reading(browser, gallery.origin) as reader:
            await reader.sign_in(email, PASSWORD)
            kept = await reader.context.storage_state()
        for who, state, asked in (("visitors", None, FOR_ALL), ("an admin", kept, FOR_MEMBERS)):
            for place in asked:
                async with reading(browser, gallery.origin, storage_state=state) as reader:
                    await _weigh(reader, who, place.format(video=gallery.videos[0], creator=gallery.creator), place)


async def _weigh(reader: Reader, who: str, path: str, place: str) -> None:
    first = await weighed(await reader.open(path))
    again = [await weighed(await reader.open(path)) for _ in range(TIMES)]
    painted = median(each["painted"] for each in again)
    print(  # noqa: T201 - a row on standard output
        f"| `{place}` | {who} | {_kb(first['html'])} | {_kb(first['all'])} | {_kb(first['scripts'])} "
        f"| {first['requests']:.0f} | {_kb(again[0]['all'])} | {painted:.0f} ms | {first['shifted']:.3f} |"
    )


def _kb(number: float) -> str:
    return f"{number / 1000:.1f} kB"


@contextmanager
def _servers() -> Generator[Settings]:
    with (
        tempfile.TemporaryDirectory() as folder,
        trial_postgres(Path(folder) / "postgres") as postgres,
        trial_nats(Path(folder) / "nats") as nats,
        trial_valkey(Path(folder) / "valkey") as valkey,
        trial_milvus(Path(folder) / "milvus") as milvus,
        empty_database(postgres) as database,
    ):
        yield settings_for(database, nats, valkey, milvus_uri=milvus, data=folder)


if __name__ == "__main__":
    configure_logs("warning")
    with _servers() as given:
        asyncio.run(main(given))
