"""Trace contexts as W3C writes them."""

import asyncio

import pytest

from application.tracing import TraceContext, begun, carried, present, received, within

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize("sampled", [True, False])
def test_a_trace_that_somebody_began_is_taken_as_it_is(sampled):
    traceparent = f"00-{TRACE}-{SPAN}-0{int(sampled)}"
    trace = received(traceparent, "vendor=1")
    assert trace
    assert trace == TraceContext(TRACE, SPAN, sampled, "vendor=1")
    assert trace.traceparent == traceparent


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        "",
        "x",
        f"00-{TRACE}-{SPAN}",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01, 00-{TRACE}-{SPAN}-01",
    ],
)
def test_what_is_no_trace_is_ignored(traceparent):
    assert received(traceparent) is None


def test_a_later_version_may_say_more():
    assert received(f"cc-{TRACE}-{SPAN}-01-more") == TraceContext(TRACE, SPAN, sampled=True)


def test_flags_that_nobody_knows_are_not_handed_on():
    trace = received(f"00-{TRACE}-{SPAN}-ff")
    assert trace
    assert trace.traceparent == f"00-{TRACE}-{SPAN}-01"


def test_a_state_that_is_too_long_is_dropped():
    trace = received(f"00-{TRACE}-{SPAN}-01", "v=" + "1" * 600)
    assert trace
    assert trace.state == ""


def test_what_a_message_carries_is_the_same_trace_at_its_receiver():
    trace = TraceContext(TRACE, SPAN, sampled=True, state="vendor=1")
    assert carried(trace.headers()) == trace
    assert carried(None) is None


def test_every_trace_that_begins_here_is_another():
    first, second = begun(), begun()
    assert first.trace_id != second.trace_id
    assert received(first.traceparent) == first


@pytest.mark.anyio
async def test_a_trace_goes_with_its_task_and_with_those_it_starts():
    async def ask():
        await asyncio.sleep(0)
        return present()

    first, second = begun(), begun()
    with within(first):
        one = asyncio.create_task(ask())
        with within(second):
            other = asyncio.create_task(ask())
        assert present() == first
    assert await asyncio.gather(one, other) == [first, second]
    assert present() is None
