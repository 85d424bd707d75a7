"""Payloads like GitHub's, of any size."""

from __future__ import annotations

import json
from typing import Any

API = "https://api.github.com"

OF_A_USER = (
    *("followers", "following{/other_user}", "gists{/gist_id}", "starred{/owner}{/repo}"),
    *("subscriptions", "orgs", "repos", "events{/privacy}", "received_events"),
)

OF_A_REPOSITORY = (
    *("forks", "keys{/key_id}", "collaborators{/collaborator}", "teams", "hooks"),
    *("issues/events{/number}", "events", "assignees{/user}", "branches{/branch}", "tags"),
    *("git/blobs{/sha}", "git/tags{/sha}", "git/refs{/sha}", "git/trees{/sha}", "statuses/{sha}"),
    *("languages", "stargazers", "contributors", "subscribers", "subscription"),
    *("commits{/sha}", "comments{/number}", "contents/{+path}", "merges", "downloads"),
)


def github_issue(size: int) -> bytes:
    """Return an `issues` payload of exactly `size` bytes, 6,000 or more; the issue's text grows."""
    payload: dict[str, Any] = {
        "action": "opened",
        "issue": {
            **_links(f"{API}/repos/octocat/Hello-World/issues/1347", ("comments", "events")),
            "number": 1347,
            "title": "Spelling error in the README file",
            "user": _user("octocat", 1),
            "labels": [{"id": 208045946, "name": "bug", "color": "fc2929", "default": True}],
            "state": "open",
            "locked": False,
            "assignee": None,
            "comments": 0,
            "created_at": "2026-11-24T22:35:01Z",
            "body": "",
        },
        "repository": {
            "id": 1296269,
            "full_name": "octocat/Hello-World",
            "private": False,
            "owner": _user("octocat", 1),
            **_links(f"{API}/repos/octocat/Hello-World", OF_A_REPOSITORY),
            "stargazers_count": 80,
            "has_issues": True,
            "topics": ["octocat", "atom", "electron", "api"],
            "default_branch": "main",
        },
        "sender": _user("hubot", 2),
    }
    text = "It looks like you accidentally spelled 'commit' with two 't's.\n"
    room = size - len(json.dumps(payload))
    filler = (text * (room // len(text) + 1))[:room]
    payload["issue"]["body"] = filler[: room - filler.count("\n")]
    raw = json.dumps(payload)
    return (raw + " " * (size - len(raw))).encode()


def _user(login: str, number: int) -> dict[str, Any]:
    links = _links(f"{API}/users/{login}", OF_A_USER)
    return {"login": login, "id": number, **links, "type": "User", "site_admin": False}


def _links(base: str, names: tuple[str, ...]) -> dict[str, str]:
    return {f"{name.partition('{')[0].strip('/')}_url": f"{base}/{name}" for name in names}
