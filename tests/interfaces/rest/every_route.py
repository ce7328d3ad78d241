"""Every route of the REST door: what it takes, and how it is called.

Rules: a new route needs a row in `NEEDS`, and in `BODIES` if it takes a body: the tests fail without.
"""

from typing import Any, Final, Literal, TypeAlias

from starlette.routing import Route

from agentkit.interfaces.rest.app import ROUTERS
from agentkit.service import SCOPES
from tests.interfaces.rest.site import Headers, Site

Needs: TypeAlias = Literal["nothing", "a key", "read", "run", "approve", "admin", "all tenants"]
"""A scope; or `nothing`, `a key` of any scopes, or `all tenants`: the scope read, and no tenant."""

ROUTES: Final = sorted(
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, Route)
    for method in route.methods or ()
)
"""All that the application has, but for what shows the document."""

NEEDS: Final[dict[tuple[str, str], Needs]] = {
    ("GET", "/livez"): "nothing",
    ("GET", "/readyz"): "nothing",
    ("GET", "/v1/health"): "nothing",
    ("GET", "/v2/health/detailed"): "all tenants",
    ("GET", "/v1/settings"): "all tenants",
    ("GET", "/v2/metrics/prometheus"): "all tenants",
    ("GET", "/v2/admin/operations"): "admin",
    ("GET", "/api/system/status"): "read",
    ("GET", "/v1/session"): "a key",
    ("POST", "/v1/session"): "a key",
    ("DELETE", "/v1/session"): "a key",
    ("GET", "/v1/operations"): "read",
    ("POST", "/v1/operations"): "run",
    ("GET", "/v1/operations/{operation_id}"): "read",
    ("DELETE", "/v1/operations/{operation_id}"): "run",
    ("GET", "/v1/operations/{operation_id}/events"): "read",
    ("GET", "/v1/operations/{operation_id}/result"): "read",
    ("GET", "/v1/operations/{operation_id}/drawing"): "read",
    ("GET", "/v1/operations/{operation_id}/comparison/{other_id}"): "read",
    ("POST", "/v1/operations/{operation_id}/retry"): "run",
    ("POST", "/v1/operations/{operation_id}/rerun"): "run",
    ("GET", "/v1/operations/{operation_id}/artifacts"): "read",
    ("GET", "/v1/operations/{operation_id}/artifacts/{name:path}"): "read",
    ("GET", "/v1/approvals"): "read",
    ("GET", "/v1/operations/{operation_id}/approvals"): "read",
    ("POST", "/v1/operations/{operation_id}/approvals"): "approve",
    ("POST", "/v1/operations/{operation_id}/settle"): "approve",
    ("POST", "/v1/operations/{operation_id}/signals"): "run",
    ("GET", "/v1/agents/capabilities"): "read",
    ("GET", "/v1/figures"): "read",
    ("POST", "/v1/agents"): "admin",
    ("GET", "/v1/workflows"): "read",
    ("GET", "/v1/workflows/{name}"): "read",
    ("POST", "/v1/workflows/{name}/plan"): "read",
    ("GET", "/v1/learners"): "read",
    ("GET", "/v1/learners/{name}"): "read",
    ("GET", "/v1/learners/{name}/changes"): "read",
    ("POST", "/v1/learners/{name}/rollback"): "admin",
    ("POST", "/v1/learners/{name}/release"): "admin",
    ("POST", "/v1/learners/{name}/switch"): "admin",
    ("GET", "/v1/schedules"): "read",
    ("POST", "/v1/schedules"): "admin",
    ("GET", "/v1/schedules/{name}"): "read",
    ("POST", "/v1/schedules/{name}/pause"): "admin",
    ("POST", "/v1/schedules/{name}/resume"): "admin",
    ("DELETE", "/v1/schedules/{name}"): "admin",
    ("GET", "/v1/webhooks"): "read",
    ("GET", "/v1/webhooks/secret"): "admin",
    ("GET", "/v1/webhooks/{webhook_id}"): "read",
    ("POST", "/v1/webhooks/{webhook_id}/replay"): "run",
    ("GET", "/v1/keys"): "admin",
    ("POST", "/v1/keys"): "admin",
    ("DELETE", "/v1/keys/{key_id}"): "admin",
    ("POST", "/v2/agents/execute"): "run",
    ("POST", "/v1/agents/execute"): "run",
    ("POST", "/v1/tasks"): "run",
    ("GET", "/v1/tasks/{operation_id}/status"): "read",
    ("POST", "/v1/workflows/execute"): "run",
    ("GET", "/v1/workflows/{operation_id}/status"): "read",
    ("GET", "/v2/operations/{operation_id}/status"): "read",
    ("DELETE", "/v2/operations/{operation_id}"): "run",
    ("POST", "/api/reports/generate"): "run",
}
"""What whoever asks has to show. Whoever changes a thing has to be able to look at it, too: see `scopes_of`."""

CLOSED: Final = [route for route in ROUTES if NEEDS.get(route) != "nothing"]
"""The routes that answer nobody without a key."""

BODIES: Final[dict[tuple[str, str], Any]] = {
    ("POST", "/v1/operations"): {"workflow": "ask"},
    ("POST", "/v1/operations/{operation_id}/rerun"): {"at": "ask"},
    ("POST", "/v1/operations/{operation_id}/approvals"): {"stage": "ask", "approve": True},
    ("POST", "/v1/operations/{operation_id}/signals"): {"name": "other"},
    ("POST", "/v1/operations/{operation_id}/settle"): {"stage": "ask", "decision": "redo"},
    ("POST", "/v1/workflows/{name}/plan"): {"runs": 1},
    ("POST", "/v1/agents"): {"module": "shop.agents"},
    ("POST", "/v1/agents/execute"): {"agent_type": "greet", "data": {"name": "Ada"}},
    ("POST", "/v2/agents/execute"): {"agent_type": "greet", "data": {"name": "Ada"}},
    ("POST", "/v1/tasks"): {"agent_type": "greet", "data": {"name": "Ada"}},
    ("POST", "/v1/workflows/execute"): {"workflow": "ask"},
    ("POST", "/api/reports/generate"): {"period": "2025-11"},
    ("POST", "/v1/schedules"): {"name": "ask", "workflow": "ask", "every": 86_400},
    ("POST", "/v1/learners/{name}/rollback"): {"kind": "tax"},
    ("POST", "/v1/learners/{name}/release"): {"kind": "tax"},
    ("POST", "/v1/learners/{name}/switch"): {"on": False},
    ("POST", "/v1/keys"): {"name": "olga"},
}
"""A body that each of them takes."""

_ONE_THING = ("{operation_id}", "{webhook_id}")


def scopes_of(method: str, path: str) -> set[str]:
    """The scopes that a route takes, all of them."""
    needs = NEEDS[method, path]
    scopes = {str(one) for one in SCOPES if one == needs}
    if needs == "all tenants" or any(word in path for word in _ONE_THING):
        scopes.add("read")
    return scopes


def ask(
    shop: Site, method: str, path: str, headers: Headers, thing: str, *, name: str = "ask", body: Any = None
) -> Any:
    """Call one route.

    Args:
        shop: Which server.
        method: Which method.
        path: The path of the route, with names in braces.
        headers: Who asks.
        thing: The id that stands for every id.
        name: The name of a workflow or a schedule.
        body: What is sent; by default what `BODIES` says.
    """
    below = path.replace("{name:path}", "a.txt").replace("{name}", name)
    for word in (*_ONE_THING, "{other_id}", "{key_id}"):
        below = below.replace(word, thing)
    try:
        return shop.client.request(method, below, json=body or BODIES.get((method, path)), headers=headers)
    finally:
        # Who has begun a session would be known from then on, whatever the headers of the next call.
        shop.client.cookies.clear()
