"""Which app a delivery goes to, and with which URL."""

from __future__ import annotations

import pytest

from hookcli.delivery import Delivery
from hookcli.errors import UsageError
from hookcli.routes import Route, Routes, endpoint, route


def delivery(path: str, query: str = "") -> Delivery:
    return Delivery(method="POST", path=path, query=query)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("3000", "http://127.0.0.1:3000"),
        (":3000", "http://127.0.0.1:3000"),
        (":3000/x", "http://127.0.0.1:3000/x"),
        ("3000/webhooks/stripe", "http://127.0.0.1:3000/webhooks/stripe"),
        ("3000?token=1", "http://127.0.0.1:3000?token=1"),
        ("localhost:3000/x", "http://localhost:3000/x"),
        ("localhost", "http://localhost"),
        ("http://localhost:80/", "http://localhost/"),
        ("https://Staging.Example.com", "https://staging.example.com"),
        ("https://example.com:443/x#top", "https://example.com/x"),
        ("https://example.com:80", "https://example.com:80"),
        ("HTTP://[::1]:3000/x", "http://[::1]:3000/x"),
        ("my_app.local:3000", "http://my_app.local:3000"),
        ("bücher.example/ä b", "http://xn--bcher-kva.example/%C3%A4%20b"),
        ("3000/%2Fa?b=%20", "http://127.0.0.1:3000/%2Fa?b=%20"),
        (" 3000 ", "http://127.0.0.1:3000"),
    ],
)
def test_a_url_is_full_or_short_and_shown_in_full(text: str, url: str) -> None:
    assert endpoint(text).url == url
    assert endpoint(url) == endpoint(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "70000",
        ":",
        "http://",
        "http:///x",
        "ftp://localhost",
        "http://user:secret@localhost",
        "localhost:port",
        "a..b:3000",
        "a b:3000",
        "http://[::1",
        "x\r\ny:3000",
        f"{'a' * 64}.example",
    ],
)
def test_what_is_no_url_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError) as wrong:
        endpoint(text)

    assert wrong.value.hint
    assert "secret" not in wrong.value.message


@pytest.mark.parametrize(
    ("url", "path", "query", "target"),
    [
        ("3000", "/github", "a=1", "http://127.0.0.1:3000/github?a=1"),
        ("3000", "/a%2Fb//c", "", "http://127.0.0.1:3000/a%2Fb//c"),
        ("3000", "/x?", "", "http://127.0.0.1:3000/x?"),
        ("3000/", "/github", "a=1", "http://127.0.0.1:3000/?a=1"),
        ("3000/hooks", "/github?", "", "http://127.0.0.1:3000/hooks?"),
        ("3000/hooks?k=v", "/github", "a=%ff", "http://127.0.0.1:3000/hooks?k=v&a=%ff"),
        ("3000/hooks?k=v", "/github?", "", "http://127.0.0.1:3000/hooks?k=v"),
        ("3000?k=v", "/github?", "", "http://127.0.0.1:3000/github?k=v"),
        ("3000", "", "a", "http://127.0.0.1:3000/?a"),
        ("3000", "http://proxied.example/x", "a", "http://127.0.0.1:3000/x?a"),
        ("3000", "http://proxied.example", "", "http://127.0.0.1:3000/"),
        ("3000", "*", "", "http://127.0.0.1:3000"),
        ("3000", "/\xe9", "", "http://127.0.0.1:3000/\xe9"),
    ],
)
def test_a_path_is_used_exactly_and_a_query_is_always_kept(
    url: str, path: str, query: str, target: str
) -> None:
    """Without a path of the URL, the delivery's own is used, as it came."""
    assert endpoint(url).target(delivery(path, query)) == target


def test_a_question_about_the_whole_server_stays_one() -> None:
    """`OPTIONS *`."""
    assert endpoint("3000").request_target(delivery("*")) == "*"


@pytest.mark.parametrize(
    ("text", "exact", "address", "host"),
    [
        ("3000", False, ("127.0.0.1", 3000), "127.0.0.1:3000"),
        ("https://example.com/", True, ("example.com", 443), "example.com"),
        ("http://[::1]", False, ("::1", 80), "[::1]"),
    ],
)
def test_an_endpoint_knows_where_to_connect(
    text: str, exact: bool, address: tuple[str, int], host: str
) -> None:
    known = endpoint(text)

    assert (known.exact, known.address, known.host) == (exact, address, host)


def test_a_route_has_a_path_or_takes_the_rest() -> None:
    assert route("/stripe=3000/hooks") == Route("/stripe", endpoint("3000/hooks"))
    assert route("/stripe/=3000") == Route("/stripe", endpoint("3000"))
    assert route("/=3000") == route("3000") == Route("/", endpoint("3000"))
    assert route("localhost:3000/?a=b") == Route("/", endpoint("localhost:3000/?a=b"))


@pytest.mark.parametrize("text", ["/stripe", "/a b=3000", "/a?b=3000", "/é=3000", "/stripe="])
def test_what_is_no_route_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        route(text)


def test_a_path_without_its_slash_is_suggested_with_it() -> None:
    with pytest.raises(UsageError) as wrong:
        route("stripe=3000")

    assert wrong.value.hint == "Did you mean /stripe=3000?"


@pytest.mark.parametrize(
    ("path", "port"),
    [
        ("/stripe", 1),
        ("/stripe/", 1),
        ("/stripe?", 1),
        ("/stripe/x", 1),
        ("/stripe/test", 2),
        ("/stripe/test/x", 2),
        ("/stripes", 3),
        ("/stripe%2Ftest", 3),
        ("http://x/stripe/y", 1),
        ("*", 3),
        ("/", 3),
    ],
)
def test_the_longest_path_of_whole_segments_takes_a_delivery(path: str, port: int) -> None:
    routes = Routes([route("3"), route("/stripe=1"), route("/stripe/test=2")])

    assert routes.of(path) == endpoint(str(port))


def test_what_no_route_takes_goes_nowhere() -> None:
    assert Routes([route("/stripe=1")]).of("/github") is None
    assert Routes().of("/") is None
    assert not Routes()


def test_routes_are_told_the_most_particular_first() -> None:
    routes = [route("3"), route("/b=1"), route("/a=1"), route("/a/b=2")]

    assert [prefix for prefix, _ in Routes(routes)] == ["/a/b", "/a", "/b", "/"]


@pytest.mark.parametrize("texts", [("3000", "/=4000"), ("/a=1", "/a/=2")])
def test_a_path_has_one_app(texts: tuple[str, str]) -> None:
    with pytest.raises(UsageError) as wrong:
        Routes(map(route, texts))

    assert "hookcli follow" in wrong.value.hint


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("3000", True),
        ("localhost:1/x", True),
        ("[::]:1", True),
        ("0.0.0.0:1", True),
        ("a.b", False),
    ],
)
def test_an_endpoint_knows_whether_it_is_on_this_computer(text: str, here: bool) -> None:
    assert endpoint(text).here is here
