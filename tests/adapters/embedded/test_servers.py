"""Each server as its clients see it."""

import socket

import nats
import pytest
from pymilvus import MilvusClient
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from adapters.embedded.wheels import ServerMissing, package_file, script


@pytest.mark.anyio
async def test_a_stream_keeps_what_it_acknowledged(nats_url):
    client = await nats.connect(nats_url)
    stream = client.jetstream()
    await stream.add_stream(name="kept", subjects=["kept.>"])
    await stream.publish("kept.one", b"1")
    assert (await stream.get_msg("kept", 1)).data == b"1"
    await client.close()


def test_nats_refuses_a_client_without_its_token(nats_url):
    _, _, address = nats_url.rpartition("@")
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rb") as answers:
        assert answers.readline().startswith(b"INFO")
        connection.sendall(b"CONNECT {}\r\nPING\r\n")
        assert answers.readline() == b"-ERR 'Authorization Violation'\r\n"


@pytest.mark.anyio
async def test_valkey_writes_what_it_is_told_to_disk(redis_url):
    async with Redis.from_url(redis_url) as client:
        assert await client.config_get("appendonly") == {"appendonly": "yes"}


@pytest.mark.anyio
async def test_valkey_refuses_a_client_without_its_password(redis_url):
    async with Redis.from_url(f"redis://{redis_url.partition('@')[2]}") as client:
        with pytest.raises(AuthenticationError):
            await client.get("anything")


def test_a_vector_is_found_again(milvus_uri):
    client = MilvusClient(milvus_uri)
    client.create_collection("found", dimension=4)
    client.insert("found", [{"id": 7, "vector": [1.0, 0.0, 0.0, 0.0]}])
    assert client.search("found", data=[[1.0, 0.0, 0.0, 0.0]], limit=1)[0][0]["id"] == 7
    client.close()


def test_a_server_that_is_not_installed_is_named_with_the_way_out():
    with pytest.raises(ServerMissing, match="no_such_server is not installed: run `uv sync"):
        package_file("no_such_server", "bin/server")
    with pytest.raises(ServerMissing, match="no-such-server is not installed"):
        script("no-such-server")
