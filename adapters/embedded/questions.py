"""The shortest questions that show whether something on the loopback interface still answers.

Connecting proves nothing: the kernel accepts for a process that hangs.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeAlias

from adapters.embedded.service import Health

Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

HTTP2_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""The connection preface and an empty SETTINGS frame (RFC 9113, section 3.4)."""

HTTP2_FRAME_HEADER = 9
HTTP2_SETTINGS = 4

POSTGRES_PROTOCOL_3 = 3 << 16
POSTGRES_CANNOT_CONNECT_NOW = b"C57P03\0"
"""The field of an error that says: it starts, stops or recovers (PostgreSQL manual, appendix A)."""


@asynccontextmanager
async def connection(port: int, host: str = "127.0.0.1") -> AsyncGenerator[Streams]:
    """A connection that is cut at the end, whatever happened."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def http_status(port: int, path: str, host: str = "127.0.0.1") -> int:
    """The status that a GET of ``path`` is answered with; 0 for what is not HTTP."""
    async with connection(port, host) as (reader, writer):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        version, _, rest = (await reader.readline()).partition(b" ")
        return int(rest[:3]) if version.startswith(b"HTTP/") else 0


async def answers_http2(port: int) -> bool:
    """Whether a server of HTTP/2, such as gRPC's, sends its settings."""
    async with connection(port) as (reader, writer):
        writer.write(HTTP2_HELLO)
        return (await reader.readexactly(HTTP2_FRAME_HEADER))[3] == HTTP2_SETTINGS


async def redis_answers(port: int, *commands: str) -> list[bytes]:
    """The one-line answers to ``commands``, without their line ends."""
    async with connection(port) as (reader, writer):
        writer.writelines(f"{command}\r\n".encode() for command in commands)
        return [(await reader.readline()).rstrip() for _ in commands]


async def postgres_health(port: int, user: str) -> Health:
    """What a new connection is told before it need say its password, which is all that ``pg_isready`` asks, too."""
    async with connection(port) as (reader, writer):
        asked = POSTGRES_PROTOCOL_3.to_bytes(4, "big") + b"user\0" + user.encode() + b"\0\0"
        writer.write((len(asked) + 4).to_bytes(4, "big") + asked)
        header = await reader.readexactly(5)
        told = await reader.readexactly(int.from_bytes(header[1:], "big") - 4)
        if POSTGRES_CANNOT_CONNECT_NOW in told:
            return Health.BUSY
        return Health.READY  # another refusal, such as of one connection too many, comes from a server that is well
