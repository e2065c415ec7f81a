"""The files that pages are drawn with: our own stylesheet and modules, and htmx out of an installed wheel."""

import gzip
import hashlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath

from api.pages.viewer import PageRequest
from api.parts import Part
from domain.kernel.errors import NotFound

OUR_OWN = Path(__file__).parent / "static"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_GOOD = "public, max-age=31536000, immutable"
DIGEST_LENGTH = 16


class AssetNotFound(NotFound):
    """No file of this name belongs to the pages."""

    code = "asset_not_found"


class Asset(msgspec.Struct, frozen=True):
    """One file as it is sent; ``compressed`` is gzip, made once."""

    body: bytes
    compressed: bytes
    media_type: str


class Assets:
    """All files under one digest of all of them: whichever changes, every address does, so that each is kept for good.

    One digest, not one for each: our modules import each other by relative paths.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = {name: _asset(name, body) for name, body in files.items()}
        digest = hashlib.sha256()
        for name, body in sorted(files.items()):
            digest.update(b"%d %s %d " % (len(name), name.encode(), len(body)) + body)
        self.digest = digest.hexdigest()[:DIGEST_LENGTH]

    def address(self, name: str) -> str:
        """Where a file is found.  Raises `AssetNotFound`, so that no page names one that is not there."""
        self.find(name)
        return f"/static/{self.digest}/{name}"

    def find(self, name: str) -> Asset:
        """Raises `AssetNotFound`."""
        try:
            return self._files[name]
        except KeyError:
            raise AssetNotFound("there is no such file") from None


def page_assets() -> Assets:
    """What stands in ``static/``, and htmx."""
    own = {path.name: path.read_bytes() for path in sorted(OUR_OWN.iterdir()) if path.suffix in MEDIA_TYPES}
    return Assets({**own, "htmx.js": _htmx()})


def _htmx() -> bytes:
    """The minified htmx 2 in the wheel of django-htmx, which is found and never imported: it would ask for Django."""
    wheel = find_spec("django_htmx")
    assert wheel is not None, "django-htmx is a dependency"
    assert wheel.origin is not None, "it is an ordinary package"
    return (Path(wheel.origin).parent / "static/django_htmx/htmx-2.min.js").read_bytes()


def _asset(name: str, body: bytes) -> Asset:
    return Asset(body, gzip.compress(body, compresslevel=9, mtime=0), MEDIA_TYPES[Path(name).suffix])


class Static(Controller):
    """The files, for browsers."""

    path = "/static"

    @get("/{digest:str}/{name:str}")
    async def read_file(
        self, request: PageRequest, digest: FromPath[str], name: FromPath[str], assets: Part[Assets]
    ) -> Response[bytes]:
        """A file, to be kept for good under the present digest.

        Another digest is that of a page from before or after a change: it gets what there is, and asks again.
        """
        asset = assets.find(name)
        packed = "gzip" in request.headers.get("accept-encoding", "")
        return Response(
            asset.compressed if packed else asset.body,
            media_type=asset.media_type,
            headers={
                "Cache-Control": FOR_GOOD if digest == assets.digest else "no-cache",
                "Vary": "Accept-Encoding",
                **({"Content-Encoding": "gzip"} if packed else {}),
            },
        )
