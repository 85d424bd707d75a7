"""Proofs go only to who may have them, and a person is told what only a person can do."""

from __future__ import annotations

import pytest

from hookcli.handshake_replies import may_confirm, topic
from hookcli.handshakes import answer
from hookcli.secret import Secret
from tests.test_handshakes import answered, delivery_of, get, post, secrets_of

SNS = "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:x&Token=y"


def test_meta_is_answered_whatever_its_token_where_none_is_known() -> None:
    """The secret that signs is another one."""
    app_secret = Secret(value="app secret", provider="meta")

    assert answered("meta-hub-challenge", app_secret).status == 200
    assert answered("meta-hub-challenge", Secret(value="any")).body == b"1158201444"


def test_a_wrong_verify_token_is_told() -> None:
    refused = answered("meta-hub-challenge-wrong-token")

    assert refused.say
    assert "another verify token" in refused.say
    assert refused.hint == "Give both the same one: --secret meta.verify-token=TOKEN"


def test_strava_is_told_from_meta_by_its_token() -> None:
    strava = Secret(value="fake", provider="strava")
    meta = Secret(value="fake-verify-token", provider="meta", second="verify-token")

    assert answered("meta-hub-challenge", strava, meta).body == b"1158201444"
    assert answered("strava-hub-challenge", strava, meta).name == "strava_verification"
    assert answered("meta-hub-challenge-wrong-token", strava, meta).name == "meta_verification"
    assert answered("meta-hub-challenge", strava).status == 403


def test_zoom_has_to_know_the_secret_that_it_wants_to_be_proved() -> None:
    """Or anybody could have words of theirs signed."""
    name = "zoom-url-validation"
    others = [Secret(value="another", provider="zoom"), Secret(value="one for all")]
    forged = delivery_of(name).body.replace(b"qgg8", b"qgg9")

    assert answer(delivery_of(name, body=forged), secrets_of(name)) is None
    assert answer(delivery_of(name), others) is None
    assert answered(name, *others, *secrets_of(name)) == answered(name)


def test_zoom_has_to_say_what_is_to_be_proved() -> None:
    nothing = post({"event": "endpoint.url_validation", "payload": {"plainToken": "{}"}})

    assert answer(nothing, secrets_of("zoom-url-validation")) is None


@pytest.mark.parametrize("token", ['{"payload":1}', "v0:179:x", "x" * 300, "", "\u2028"])
def test_no_payload_is_signed_for_who_asks_as_x_does(token: str) -> None:
    assert answer(get(f"crc_token={token}"), secrets_of("x-crc")) is None


def test_no_secret_that_may_be_of_another_provider_is_proved_to_x() -> None:
    """Anybody can ask."""
    assert answer(delivery_of("x-crc"), [Secret(value="one for all")]) is None


def test_a_person_is_told_what_only_a_person_can_do() -> None:
    """Received words are quoted where they are not plain."""
    notion, asana = answered("notion-verification-token"), answered("asana-handshake")
    sign = answered("dropbox-sign-hello")

    assert notion.say
    assert notion.say.endswith(": secret_fakeNotionVerificationToken01")
    assert notion.hint
    assert notion.hint.endswith("--secret notion=TOKEN")
    assert asana.say
    assert asana.say.endswith(" b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81")
    assert asana.hint
    assert asana.hint.endswith("--secret asana=SECRET")
    assert sign.hint
    assert "--respond-body 'Hello API Event Received'" in sign.hint
    assert answered("slack-url-verification").say is None


@pytest.mark.parametrize(
    "url",
    [
        SNS,
        SNS.replace("us-west-2.amazonaws.com", "cn-north-1.amazonaws.com.cn"),
        SNS.replace("https", "HTTPS"),
    ],
)
def test_only_sns_itself_is_asked_to_confirm(url: str) -> None:
    assert may_confirm(url)


@pytest.mark.parametrize(
    "url",
    [
        SNS.replace("https", "http"),
        SNS.replace(".com/", ".com.evil.example/"),
        SNS.replace("sns.", "evil.example/sns."),
        SNS.replace("https://", "https://evil.example@"),
        SNS.replace("https://", "https://evil.example\\\\@"),
        SNS.replace("https://", "https://evil.example#"),
        SNS.replace(".com/", ".com:8443/"),
        SNS.replace(".com/", ".com\n/"),
        SNS.replace("sns.us-west-2", "sns.x"),
        SNS.replace("sns.us-west-2", "sns.a.b"),
        SNS.replace("sns.us-west-2", "s3.us-west-2"),
        SNS.replace("ConfirmSubscription", "Unsubscribe"),
        SNS.replace("?Action", "?Action=Unsubscribe&Action"),
        SNS.replace("/?", "/other?"),
        SNS + "#x",
        SNS + "x" * 2048,
        SNS + "\u00e9",
        "https://[sns.us-west-2.amazonaws.com/",
        "file:///etc/passwd",
        "",
    ],
)
def test_nobody_else_is_and_nothing_else(url: str) -> None:
    assert not may_confirm(url)


def test_a_confirmation_names_its_topic_and_what_to_do() -> None:
    handshake = answered("sns-subscription-confirmation")

    assert handshake.confirm
    assert handshake.confirm.startswith("https://sns.us-west-2.amazonaws.com/?Action=Confirm")
    assert handshake.say == "SNS waits for you to confirm arn"
    assert handshake.hint
    assert "--confirm-subscriptions" in handshake.hint
    assert topic(SNS) == "arn:aws:x"
    assert topic(SNS.replace("arn:aws:x", "%1b[2J")) == r'"\u001b[2J"'


def test_one_that_leads_elsewhere_is_told_and_not_followed() -> None:
    elsewhere = post(
        {"SubscribeURL": "https://evil.example/\x1b"},
        ("x-amz-sns-message-type", "SubscriptionConfirmation"),
    )

    handshake = answer(elsewhere, [])

    assert handshake
    assert (handshake.status, handshake.confirm) == (200, None)
    assert handshake.say
    assert handshake.say.endswith(r'do not open it: "https://evil.example/\u001b"')
