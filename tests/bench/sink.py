"""Takes whatever is posted, and forgets it: stands for a collector of spans.  ``python -m tests.bench.sink PORT``."""

import asyncio
import sys

TAKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"


async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, until it is closed."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            writer.write(TAKEN)
    except asyncio.IncompleteReadError:
        writer.close()


async def serve(port: int) -> None:
    """Listen until killed."""
    await (await asyncio.start_server(take, "127.0.0.1", port)).serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
