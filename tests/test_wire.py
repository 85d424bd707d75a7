"""What is passed on, and what is between neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hookcli.delivery import Delivery, Headers
from hookcli.routes import endpoint
from hookcli.wire import end_to_end, request_head

if TYPE_CHECKING:
    from collections.abc import Iterable

APP = endpoint("3000")


def head(*pairs: tuple[str, str], body: bytes = b"", remote: str | None = None) -> list[str]:
    """Return the header lines that an app gets."""
    delivery = Delivery(method="POST", path="/", headers=Headers(pairs), body=body, remote=remote)
    return request_head(delivery, APP).decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")[1:]


def own(lines: Iterable[str]) -> list[str]:
    """Return what is not of every forwarded request."""
    return [line for line in lines if not line.startswith(("Host:", "X-Forwarded-"))]


def test_the_head_is_as_it_came_but_for_the_host() -> None:
    """Order, spelling, repeats, odd characters: byte for byte."""
    delivery = Delivery(
        method="POST",
        path="/a%2Fb",
        query="x=%ff",
        headers=Headers(
            [
                ("x-One", "\xe9"),
                ("HOST", "brave-otter.ngrok-free.app"),
                ("X-ONE", "\xc3\xa9"),
                ("content-length", "2"),
                ("x-One", ""),
                ("Accept", "*/*"),
            ]
        ),
        body=b"{}",
        remote="140.82.115.7",
    )

    assert request_head(delivery, APP) == (
        b"POST /a%2Fb?x=%ff HTTP/1.1\r\n"
        b"x-One: \xe9\r\n"
        b"HOST: 127.0.0.1:3000\r\n"
        b"X-ONE: \xc3\xa9\r\n"
        b"content-length: 2\r\n"
        b"x-One: \r\n"
        b"Accept: */*\r\n"
        b"X-Forwarded-For: 140.82.115.7\r\n"
        b"X-Forwarded-Proto: http\r\n"
        b"X-Forwarded-Host: brave-otter.ngrok-free.app\r\n"
        b"\r\n"
    )


def test_what_is_between_neighbours_is_not_passed_on() -> None:
    lines = head(
        ("Connection", "keep-alive, X-Mine"),
        ("Keep-Alive", "timeout=5"),
        ("X-Mine", "1"),
        ("TE", "trailers"),
        ("Trailer", "X-Sum"),
        ("Transfer-Encoding", "chunked"),
        ("Upgrade", "h2c"),
        ("Proxy-Connection", "keep-alive"),
        ("proxy-authorization", "Basic eDp5"),
        ("Expect", "100-continue"),
        ("X-Yours", "2"),
        body=b"{}",
    )

    assert own(lines) == ["X-Yours: 2", "Content-Length: 2"]


def test_a_sender_cannot_take_host_or_length_away() -> None:
    """By saying that they were between it and us."""
    lines = head(
        ("Host", "x"), ("Connection", "Host, Content-Length"), ("Content-Length", "2"), body=b"{}"
    )

    assert lines[:2] == ["Host: 127.0.0.1:3000", "Content-Length: 2"]


def test_an_empty_body_is_only_said_to_be_so_where_it_was() -> None:
    assert own(head()) == []
    assert own(head(("Content-Length", "0"))) == ["Content-Length: 0"]


def test_a_request_without_a_host_gets_one() -> None:
    """HTTP/1.0 has none."""
    assert head(("Accept", "*/*")) == [
        "Host: 127.0.0.1:3000",
        "Accept: */*",
        "X-Forwarded-Proto: http",
    ]


def test_what_a_tunnel_says_of_the_sender_stays_as_it_is() -> None:
    tunnel = [
        ("X-Forwarded-For", "140.82.115.7"),
        ("x-forwarded-proto", "https"),
        ("X-Forwarded-Host", "brave-otter.ngrok-free.app"),
    ]

    lines = head(("Host", "brave-otter.ngrok-free.app"), *tunnel, remote="127.0.0.1")

    assert lines[1:] == [f"{name}: {value}" for name, value in tunnel]


@pytest.mark.parametrize("name", ["connection", "Transfer-Encoding", "Proxy-Authenticate"])
def test_an_answer_is_passed_on_without_what_is_between_neighbours(name: str) -> None:
    kept = [("x-One", "\xe9"), ("Set-Cookie", "a"), ("X-ONE", "2"), ("set-cookie", "b")]

    assert end_to_end(Headers([kept[0], (name, "x"), *kept[1:]])) == Headers(kept)
    assert end_to_end(Headers(kept)) == Headers(kept)


def test_a_length_beside_chunks_is_not_believed() -> None:
    both = Headers([("Content-Length", "3"), ("Transfer-Encoding", "chunked")])

    assert end_to_end(both) == Headers()
