"""Whether spans are noted, and for whom."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from adapters.settings import Settings
from application.tracing import Tracing


@asynccontextmanager
async def open_tracing(settings: Settings, *, process: str) -> AsyncGenerator[Tracing | None]:
    """Tracing to the collector of the settings, as ``playhead-<process>``; None without one."""
    if not settings.otlp_endpoint:
        yield None
        return
    # Who collects no spans need not load what sends them.
    from adapters.otlp import OtlpTracing  # noqa: PLC0415 # see above

    tracing = OtlpTracing(settings.otlp_endpoint, service=f"playhead-{process}")
    try:
        yield tracing
    finally:
        await tracing.close()
