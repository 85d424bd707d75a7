"""What the library offers: whose signature it is, whether it is right, and signing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from hookcli.delivery import Delivery, Headers
from hookcli.errors import HookError, UsageError
from hookcli.secret import Secret
from hookcli.signatures.providers import PROVIDERS, Provider
from hookcli.signatures.request import Request
from hookcli.signatures.verifying import BY_NAME, check, detect, examine, glances, sign, verify
from tests.signatures.vectors import a_valid_one, vectors

NOW = 1_790_000_000
URL = "https://hooks.test/in?a=1&b=%20"
BODIES = {
    "adyen": '{"notificationItems":[{"NotificationRequestItem":{"amount":{"value":1}}}]}',
    "microsoft-graph": '{"value":[{"id":1},{"id":2}]}',
    "sns": '{"Type":"Notification","Message":"Grüße","MessageId":"1","TopicArn":"arn"}',
}


def made(body: bytes | None = None, provider: str = "", kind: str = "application/json") -> Delivery:
    """Return a delivery as a provider sends it, but not signed."""
    text = BODIES.get(provider, '{"action": "opened", "name": "Grüße"}').encode()
    headers = Headers([("Host", "hooks.test"), ("Content-Type", kind), ("X-Event-Id", "1")])
    raw = text if body is None else body
    return Delivery(method="POST", path="/in", query="a=1&b=%20", headers=headers, body=raw)


def of_discord() -> tuple[str, str]:
    private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    return private.private_bytes_raw().hex(), private.public_key().public_bytes_raw().hex()


def of_sendgrid() -> tuple[str, str]:
    private = ec.derive_private_key(7, ec.SECP256R1())
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return in_pem(private), public.decode()


def of_sns() -> tuple[str, str]:
    private = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    vector = a_valid_one("sns")
    like = x509.load_pem_x509_certificate(vector.secret.encode())
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), 1)
        .not_valid_before(like.not_valid_before_utc)
        .not_valid_after(like.not_valid_after_utc)
        .sign(private, hashes.SHA256())
    )
    return in_pem(private), certificate.public_bytes(serialization.Encoding.PEM).decode()


def in_pem(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def keys_of(provider: Provider) -> tuple[str, str]:
    """Return what signs for a provider, and what checks."""
    pairs = {"discord": of_discord, "sendgrid": of_sendgrid, "sns": of_sns}
    if provider.name in pairs:
        return pairs[provider.name]()
    key = "whsec_" + "c2VjcmV0" * 6
    if provider.name == "adyen":
        key = "00ff" * 16
    return key, key


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
@pytest.mark.parametrize("url", [None, URL])
def test_what_is_signed_verifies(provider: Provider, url: str | None) -> None:
    private, public = keys_of(provider)
    url = None if provider.name == "twilio" else url  # the hash of the body becomes part of it
    delivery = made(provider=provider.name)
    signed = sign(delivery, private, provider=provider.name, url=url, now=NOW)

    verdict = verify(signed, public, provider=provider.name, url=url, now=NOW)

    assert verdict.code == "valid", verdict
    assert provider.name in verdict.message
    assert verify(delivery, public, provider=provider.name, url=url, now=NOW).failed


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_what_is_signed_again_verifies(provider: Provider) -> None:
    """Old signatures are replaced, also those by another scheme."""
    private, public = keys_of(provider)
    old = sign(made(provider=provider.name), private, provider=provider.name, now=NOW - 86_400)
    new = sign(old, private, provider=provider.name, now=NOW)

    verdict = verify(new, public, provider=provider.name, now=NOW)

    assert verdict.code == "valid", verdict


def test_all_signatures_of_a_request_are_made_again() -> None:
    """Who looks at the weaker one must find it right as well."""
    vector = a_valid_one("github")
    changed = replace(vector.request.delivery, body=b"{}", size=-1)
    signed = sign(changed, "new", now=NOW)

    for scheme in BY_NAME["github"].schemes:
        assert scheme.verify(Request(delivery=signed, now=NOW), "new").code == "valid"


def test_a_secret_that_signs_is_never_sent_as_a_token() -> None:
    """GitLab sends both, and the token of a request signed again stays what it was."""
    headers = [("X-Gitlab-Event", "Push Hook"), ("X-Gitlab-Token", "t"), ("webhook-signature", "")]
    delivery = replace(made(), headers=Headers(headers))
    signed = sign(delivery, "whsec_c2VjcmV0", now=NOW)

    assert signed.headers.get("x-gitlab-token") == "t"
    assert verify(signed, "whsec_c2VjcmV0", now=NOW).code == "valid"
    assert verify(signed, "t", now=NOW).code == "valid"


def test_each_of_several_secrets_is_tried_and_the_right_one_is_named() -> None:
    secrets = [
        Secret(value="old", provider="github", source="env OLD"),
        Secret(value="other", provider="stripe"),
        Secret(value="new", provider="github", source="env NEW"),
    ]
    signed = sign(made(), "new", provider="github")
    examined = examine(Request(delivery=signed, now=NOW), BY_NAME["github"], secrets)

    expected = "HMAC-SHA256 of the raw body matches the secret 'github, from env NEW'"
    assert examined.verdict.message == expected
    assert examined.checked == "X-Hub-Signature-256: HMAC-SHA256 of the 39 raw bytes"
    assert examined.diagnosis is None


def test_of_several_with_the_same_name_the_right_one_is_counted() -> None:
    """A new secret and the old one: only so can one tell when the old one may go."""
    request = sign(made(), "new", provider="github")

    verdict = verify(request, ["old", "new"], provider="github")

    assert verdict.message.endswith("matches the secret 'github', number 2 of 2")


@pytest.mark.parametrize(("name", "kin"), [("gitlab-signing", "gitlab"), ("clerk", "svix")])
def test_a_secret_for_its_kin_is_tried_as_well(name: str, kin: str) -> None:
    """Who gives one for GitLab need not know that it has two ways to sign."""
    vector = a_valid_one(name)
    secret = Secret(value=vector.secret, provider=kin)

    assert check(vector.request, BY_NAME[name], [secret]).code == "valid"


def test_a_failure_is_explained() -> None:
    signed = sign(made(), "right", provider="github")
    examined = examine(
        Request(delivery=signed, now=NOW),
        BY_NAME["github"],
        [Secret(value="wrong", provider="github")],
    )

    assert examined.verdict.failed
    assert examined.diagnosis
    assert examined.diagnosis.verdict == examined.verdict


def test_a_right_signature_that_is_too_old_outdoes_wrong_secrets() -> None:
    signed = sign(made(), "right", provider="slack", now=NOW - 1_000)

    verdict = verify(signed, ["wrong", "right", "other"], provider="slack", now=NOW)

    assert verdict.code == "expired_timestamp"
    assert verify(signed, "right", provider="slack", now=NOW, tolerance=2_000).code == "valid"


def test_without_a_secret_for_its_provider_it_is_unchecked() -> None:
    vector = a_valid_one("stripe")
    others = [Secret(value="x", provider="github")]
    verdict = check(vector.request, BY_NAME["stripe"], others)

    assert verdict.code == "unchecked"
    assert verify(vector.request.delivery, []).code == "unchecked"


def test_a_signature_that_only_the_name_of_its_provider_tells_of_is_unchecked_too() -> None:
    """As of WebSub, where nothing but the signature is in the headers."""
    request = sign(made(), "secret", provider="github")

    verdict = verify(request, (), provider="github")

    assert detect(request) is None
    assert verdict.code == "unchecked"
    assert verify(made(), (), provider="github").code == "unsigned"


def test_the_provider_is_told_from_the_request() -> None:
    vector = a_valid_one("stripe")

    assert detect(vector.request.delivery) == "stripe"
    assert verify(vector.request.delivery, vector.secret, now=vector.request.now).code == "valid"
    assert detect(made()) is None


def test_a_request_of_nobody_known_is_unchecked_and_cannot_be_signed() -> None:
    assert verify(made(), "x").code == "unchecked"
    with pytest.raises(UsageError, match="Nothing says which provider"):
        sign(made(), "x")


@pytest.mark.parametrize("given", [{"now": float("nan")}, {"tolerance": float("nan")}])
def test_a_time_that_is_none_is_an_error(given: dict[str, float]) -> None:
    """With it, anything would be right."""
    request = sign(made(), "secret", provider="stripe")

    with pytest.raises(UsageError, match="=nan is no "):
        verify(request, "secret", provider="stripe", **given)  # type: ignore[arg-type]


def test_any_age_may_be_allowed() -> None:
    old = sign(made(), "secret", provider="stripe", now=NOW - 10**9)

    verdict = verify(old, "secret", provider="stripe", now=NOW, tolerance=float("inf"))

    assert verdict.code == "valid"


def test_a_name_that_is_none_is_an_error_with_the_nearest_one() -> None:
    with pytest.raises(UsageError) as caught:
        verify(made(), "x", provider="githib")

    assert "github" in caught.value.hint


@pytest.mark.parametrize(
    ("provider", "key"),
    [
        ("github", ""),
        ("svix", "not base64!"),
        ("discord", "00"),
        ("sendgrid", "MFkw"),
        ("sns", "-----BEGIN CERTIFICATE-----"),
        ("adyen", "xyz"),
    ],
)
def test_a_secret_that_does_not_fit_is_wrong_to_check_with_and_cannot_sign(
    provider: str, key: str
) -> None:
    vector = a_valid_one(provider)
    verdict = verify(vector.request.delivery, key, provider=provider, now=vector.request.now)

    assert verdict.failed
    with pytest.raises(HookError):
        sign(made(provider=provider), key, provider=provider)


def test_a_body_in_pieces_is_checked_as_if_it_were_whole() -> None:
    signed = sign(made(b"ab" * 1_000_000), "key", provider="github")
    delivery = replace(signed, body=b"", size=2_000_000)
    request = Request(delivery=delivery, now=NOW, chunks=lambda: iter([b"ab" * 500_000] * 2))

    verdict = check(request, BY_NAME["github"], [Secret(value="key")])

    assert verdict.code == "valid"


def test_signing_keeps_the_other_headers_and_the_body() -> None:
    delivery = made()
    signed = sign(delivery, "key", provider="github")

    assert signed.headers.pairs[:-1] == delivery.headers.pairs
    assert json.loads(signed.body) == json.loads(delivery.body)


def test_what_is_seen_at_a_glance_is_what_an_examination_finds() -> None:
    """Of all vectors: no wrong one is seen, and most that sign the body alone are."""
    seen = 0
    for vector in vectors():
        provider = BY_NAME[vector.provider]
        secret = Secret(value=vector.secret, provider=provider.name)
        request = vector.request
        for look, verdict in glances(provider, [secret]):
            if look(request.delivery.headers.folded, request.delivery.body):
                assert verdict == check(request, provider, [secret])
                seen += 1

    assert seen > 100
