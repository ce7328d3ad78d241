"""Who may enter, and whose things they see."""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from agentkit import Orchestrator
from agentkit.errors import DefinitionError, StoreUnavailable
from agentkit.interfaces.rest import serve
from agentkit.interfaces.rest.tokens import Tokens
from agentkit.service import Service, Settings
from tests.interfaces.rest.every_route import BODIES, CLOSED, NEEDS, ROUTES, ask, scopes_of
from tests.interfaces.rest.site import Headers, Site, problem, site

PLAIN = [scopes for count in range(4) for scopes in itertools.combinations(("read", "run", "approve"), count)]
KEYS: list[tuple[str | None, tuple[str, ...]]] = [
    *(("acme", scopes) for scopes in [*PLAIN, ("admin",)]),
    *((None, scopes) for scopes in [(), ("read",), ("run", "approve"), ("admin",)]),
]


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_p19_no_route_answers_without_a_key(shop: Site, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer nix"}, {"Authorization": "Basic YTpi"}, {"X-API-Key": "agk_a_b"}):
        response = ask(shop, method, path, headers, "x")
        problem(response, 401, "unauthenticated")
        assert response.headers["www-authenticate"] == 'Bearer realm="agentkit"'


def test_p19_what_every_route_takes_is_written_down() -> None:
    assert set(ROUTES) == NEEDS.keys()


def test_the_routes_of_these_tests_are_all_that_the_application_has(shop: Site) -> None:
    described = {
        (method.upper(), path.replace("{name}", "{name:path}") if "/artifacts/" in path else path)
        for path, item in shop.app.openapi()["paths"].items()
        for method in item
    }
    hidden = {("GET", "/livez"), ("GET", "/readyz")}

    assert {route for route in ROUTES if route[0] != "HEAD"} == described | hidden
    bodies = {
        (method.upper(), path)
        for path, item in shop.app.openapi()["paths"].items()
        for method, route in item.items()
        if "requestBody" in route
    }
    assert bodies == set(BODIES)


def test_p19_a_key_that_has_ended_opens_no_route(shop: Site) -> None:
    ended = shop.caller("ended", tenant="acme", scopes={"admin"}, seconds=1e-9)
    for method, path in CLOSED:
        problem(ask(shop, method, path, ended, "x"), 401, "unauthenticated")


@pytest.mark.parametrize("scopes", [(), ("read",), ("run",), ("approve",), ("admin",)], ids="+".join)
def test_a_token_opens_the_routes_that_a_key_of_its_scopes_opens(scopes: tuple[str, ...]) -> None:
    with site(**TOKENS, rate=10_000) as shop:
        key = shop.caller("key", tenant="acme", scopes=scopes)
        for method, path in ROUTES:
            if (method, path) == ("POST", "/v1/session"):
                # A session begins with a key, so a token begins none.
                continue
            asked = [shop.start("ask"), shop.start("ask")] if "{operation_id}" in path else ["x", "x"]
            by_key = ask(shop, method, path, key, asked[0])
            # Two keys of one name there cannot be.
            body = {"name": "otto"} if (method, path) == ("POST", "/v1/keys") else None
            by_token = ask(
                shop, method, path, token(sub="key", scope=" ".join(scopes), roles=None), asked[1], body=body
            )
            assert by_key.status_code == by_token.status_code, (method, path)


@pytest.mark.parametrize(("tenant", "scopes"), KEYS, ids=str)
def test_p19_every_route_takes_its_scopes_and_no_other(shop: Site, tenant: str | None, scopes: tuple[str, ...]) -> None:
    headers = shop.caller("-".join(["of", str(tenant), *scopes]), tenant=tenant, scopes=scopes)
    for method, path in ROUTES:
        response = ask(shop, method, path, headers, shop.start("ask") if "{operation_id}" in path else "x")
        may = "admin" in scopes or scopes_of(method, path) <= set(scopes)
        if NEEDS[method, path] == "all tenants":
            may = may and tenant is None
        assert (response.status_code != 403) == may, (method, path, response.text)
        assert response.status_code not in (401, *range(500, 600)), (method, path, response.text)


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if "{operation_id}" in route[1]])
def test_p20_what_is_anothers_looks_like_what_is_not_there(shop: Site, method: str, path: str) -> None:
    theirs = shop.start("ask")
    absent = "1" * len(theirs)
    same = {**shop.eve, "X-Request-ID": "same"}
    foreign, missing = ask(shop, method, path, same, theirs), ask(shop, method, path, same, absent)

    assert foreign.status_code == missing.status_code == 404
    assert foreign.text.replace(theirs, "ID") == missing.text.replace(absent, "ID")
    passing = ("ratelimit", "ratelimit-policy")
    assert {name: value for name, value in foreign.headers.items() if name not in passing} == {
        name: value for name, value in missing.headers.items() if name not in passing
    }


def test_p20_another_tenant_lists_counts_and_streams_nothing(shop: Site) -> None:
    theirs = shop.start("pay")
    listed = shop.client.get("/v1/operations?limit=200", headers=shop.eve).json()["items"]
    inbox = shop.client.get("/v1/approvals", headers=shop.eve).json()["items"]
    stream = shop.client.get(f"/v1/operations/{theirs}/events", headers={**shop.eve, "Accept": "text/event-stream"})
    status = shop.client.get("/api/system/status", headers=shop.caller("new", tenant="new")).json()

    assert theirs not in [line["id"] for line in listed]
    assert theirs not in [line["operation"] for line in inbox]
    problem(stream, 404, "not_found")
    assert status["open_operations"] == 0


def test_p19_a_revoked_key_opens_no_route(shop: Site) -> None:
    headers = shop.caller("gone", scopes={"admin"})
    before = shop.client.get("/v1/operations", headers=headers)
    key_id = headers["Authorization"].split("_")[1]
    revoked = shop.client.delete(f"/v1/keys/{key_id}", headers=shop.admin)

    assert (before.status_code, revoked.status_code, revoked.json()["active"]) == (200, 200, False)
    operation_id = shop.start("ask")
    for method, path in CLOSED:
        problem(ask(shop, method, path, headers, operation_id), 401, "unauthenticated")


def test_a_key_may_come_in_a_header_of_its_own(shop: Site) -> None:
    key = shop.ada["Authorization"].removeprefix("Bearer ")

    assert shop.client.get("/v1/operations", headers={"X-API-Key": key}).status_code == 200
    problem(shop.client.get(f"/v1/workflows?api_key={key}"), 401, "unauthenticated")


def test_p19_no_key_is_logged(shop: Site, caplog: pytest.LogCaptureFixture) -> None:
    key = shop.ada["Authorization"].removeprefix("Bearer ")
    with caplog.at_level("DEBUG"):
        shop.client.get("/v1/operations", headers=shop.ada)
        shop.client.get("/v1/operations", headers={"X-API-Key": f"{key}x"})

    assert key not in caplog.text


def test_the_log_has_one_line_for_each_request(shop: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="agentkit.rest.requests"):
        shop.client.get("/v1/operations/x?secret=y", headers={**shop.ada, "X-Request-ID": "r1"})
    line = vars(caplog.records[-1])["fields"]

    assert (line["request"], line["route"], line["status"]) == ("r1", "/v1/operations/{operation_id}", 404)
    assert (line["caller"], "secret" in caplog.text) == ("ada", False)


def test_without_authentication_this_machine_alone_is_answered() -> None:
    with site(authentication="none", address="127.0.0.1") as shop:
        assert shop.client.get("/v1/workflows").status_code == 200
    with site(authentication="none", address="192.0.2.1") as shop:
        problem(shop.client.get("/v1/workflows"), 401, "unauthenticated")


async def test_without_authentication_a_server_listens_on_this_machine_only() -> None:
    service = Service(Orchestrator())
    with pytest.raises(DefinitionError, match="listens on this machine only"):
        async with asyncio.timeout(10):
            await serve(service, host="0.0.0.0", port=0, settings=Settings(authentication="none"))


def test_too_many_requests_are_told_when_to_come_back() -> None:
    with site(rate=3, rate_seconds=60) as shop:
        answers = [shop.client.get("/v1/workflows", headers=shop.ada) for _ in range(4)]
        other = shop.client.get("/v1/workflows", headers=shop.bob)
        unknown = [shop.client.get("/v1/workflows", headers={"X-API-Key": str(n)}) for n in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert problem(answers[3], 429, "too_many_requests")["retryable"]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=60'
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert other.status_code == 200
    assert [answer.status_code for answer in unknown] == [401, 401, 401, 429]


def test_p22_no_other_host_and_no_other_origin_is_answered(shop: Site) -> None:
    problem(shop.client.get("/livez", headers={"Host": "evil.test"}), 421, "host_unknown")
    preflight = {"Origin": "https://evil.test", "Access-Control-Request-Method": "GET"}
    response = shop.client.options("/v1/operations", headers=preflight)
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_p22_an_origin_that_is_allowed_may_ask_without_credentials_of_the_browser() -> None:
    with site(cors_origins=("https://good.test",)) as shop:
        good = shop.client.get("/v1/health", headers={"Origin": "https://good.test"})
        evil = shop.client.get("/v1/health", headers={"Origin": "https://evil.test"})

    assert good.headers["access-control-allow-origin"] == "https://good.test"
    assert "access-control-allow-credentials" not in good.headers
    assert "access-control-allow-origin" not in evil.headers


def test_a_wild_host_is_one_below_a_domain() -> None:
    with site(trusted_hosts=("*.Acme.test", "[::1]")) as shop:
        codes = [
            shop.client.get("/livez", headers={"Host": host}).status_code
            for host in ("api.acme.test:8000", "[::1]:80", "acme.test", "evil-acme.test", "")
        ]

    assert codes == [200, 200, 421, 421, 421]


TOKENS: dict[str, Any] = {
    "jwt_algorithms": ("HS256",),
    "jwt_issuer": "https://issuer.test",
    "jwt_audience": "agentkit",
    "jwt_key": "k" * 32,
}


def token(key: Any = "k" * 32, algorithm: str = "HS256", headers: Any = None, **claims: Any) -> Headers:
    now = int(time.time())
    said = {
        "iss": "https://issuer.test",
        "aud": "agentkit",
        "sub": "ada",
        "iat": now,
        "exp": now + 60,
        "tenant": "acme",
        "scope": "openid read run",
        "roles": ["finance"],
        **claims,
    }
    said = {name: value for name, value in said.items() if value is not None}
    return {"Authorization": f"Bearer {jwt.encode(said, key, algorithm=algorithm, headers=headers)}"}


def test_a_token_says_who_whose_and_what() -> None:
    with site(**TOKENS) as shop:
        operation_id = shop.start("ask", by=token())
        page = shop.client.get(f"/v1/operations/{operation_id}", headers=token()).json()

        assert (page["requester"], page["tenant"]) == ("ada", "acme")
        problem(shop.client.get(f"/v1/operations/{operation_id}", headers=token(tenant="other")), 404, "not_found")
        problem(shop.client.delete(f"/v1/operations/{operation_id}", headers=token(scope="read")), 403, "not_allowed")
        assert shop.client.get("/v1/operations", headers=shop.ada).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "x" * 32},
        {"algorithm": "HS512", "key": "k" * 64},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"aud": "other"},
        {"iss": "https://other.test"},
        {"sub": None},
        {"sub": "a" * 256},
        {"tenant": None},
        {"tenant": 5},
        {"algorithm": "none", "key": None},
        {"sub": "\ud800"},
        {"tenant": "\ud800"},
        {"roles": ["\ud800"]},
    ],
    ids=str,
)
def test_a_token_that_is_wrong_opens_nothing(wrong: dict[str, Any]) -> None:
    with site(**TOKENS) as shop:
        problem(shop.client.get("/v1/operations", headers=token(**wrong)), 401, "unauthenticated")


@pytest.mark.parametrize(
    "wrong",
    [
        {"jwt_issuer": ""},
        {"jwt_audience": ""},
        {"jwt_key": ""},
        {"jwt_key": "short"},
        {"jwks_url": "https://issuer.test/keys"},
        {"jwt_algorithms": ("none",)},
        {"jwt_key": "", "jwks_url": "https://issuer.test/keys"},
    ],
    ids=str,
)
def test_settings_of_tokens_that_leave_a_door_open_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match="jwt_"):
        Tokens(Settings(**(TOKENS | wrong)))


@pytest.fixture
def issuer() -> Iterator[tuple[str, list[str], Any]]:
    """An issuer that publishes its key: the address, what it was asked, and the private key."""
    private = ed25519.Ed25519PrivateKey.generate()
    public = jwt.algorithms.OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
    asked: list[str] = []

    class Published(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = json.dumps({"keys": [{**public, "kid": "one", "alg": "EdDSA", "use": "sig"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Published) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/keys", asked, private
        server.shutdown()
        thread.join(5)


def test_published_keys_are_fetched_seldom(issuer: tuple[str, list[str], Any]) -> None:
    url, asked, private = issuer
    published = TOKENS | {"jwt_algorithms": ("EdDSA",), "jwt_key": "", "jwks_url": url}
    with site(**published) as shop:
        good = [
            shop.client.get("/v1/operations", headers=token(private, "EdDSA", {"kid": "one"})).status_code
            for _ in range(3)
        ]
        unknown = [
            shop.client.get("/v1/operations", headers=token(private, "EdDSA", {"kid": "two"})).status_code
            for _ in range(3)
        ]

    assert (good, unknown, asked) == ([200] * 3, [401] * 3, ["/keys"])


def test_a_token_of_another_algorithm_than_its_key_opens_nothing(issuer: tuple[str, list[str], Any]) -> None:
    url, _, _ = issuer
    published = TOKENS | {"jwt_algorithms": ("ES256", "EdDSA"), "jwt_key": "", "jwks_url": url}
    with site(**published) as shop:
        wrong = token(ec.generate_private_key(ec.SECP256R1()), "ES256", {"kid": "one"})
        problem(shop.client.get("/v1/operations", headers=wrong), 401, "unauthenticated")


async def test_an_issuer_that_publishes_what_is_no_json_is_no_fault_of_the_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings(**(TOKENS | {"jwt_algorithms": ("EdDSA",), "jwt_key": "", "jwks_url": "http://127.0.0.1:1/"}))
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: BytesIO(b"<html>"))
    text = token(ed25519.Ed25519PrivateKey.generate(), "EdDSA", {"kid": "one"})["Authorization"]
    with pytest.raises(StoreUnavailable, match="cannot be fetched"):
        await Tokens(settings).caller(text.removeprefix("Bearer "))


async def test_an_issuer_that_is_down_is_no_fault_of_the_caller() -> None:
    settings = Settings(**(TOKENS | {"jwt_algorithms": ("EdDSA",), "jwt_key": "", "jwks_url": "http://127.0.0.1:1/"}))
    tokens = Tokens(settings)
    private = ed25519.Ed25519PrivateKey.generate()
    text = token(private, "EdDSA", {"kid": "one"})["Authorization"].removeprefix("Bearer ")

    results = await asyncio.gather(*(tokens.caller(text) for _ in range(3)), return_exceptions=True)
    assert {type(result).__name__ for result in results} <= {"StoreUnavailable", "Unauthenticated"}
    assert type(results[0]).__name__ == "StoreUnavailable"
