"""4.10 Resource permissions."""
import json

import wire

WRITE = ["POST", "PUT", "PATCH", "DELETE"]
FORBIDDEN = "You don't have permission to access this resource. [user: [GUEST], resource: GET /v1/utils/timestamp]"


def run(server, checks):
    app = server.new_app("permissions")
    _one_entry(app.client, checks)
    _everything(app.client, checks)
    _precedence(app.client, checks)
    _guests(server, app, checks)
    _segments(app.client, checks)
    with checks.scenario("J12"):
        answer = app.client.invokePut("_permissions/c222/ZG9n", "[]")
        checks.equal("J12", "no methods", (400, "No allowed methods specified."), (answer.status_code, wire.message(answer)))
    _root(server, checks)
    with checks.scenario("J14"):
        for subject in ("*", "%2A"):
            granted = app.client.getEntity(app.client.invokePut(f"_permissions/{subject}/Y2F0", '["GET"]'))
            checks.equal("J14", f"grant to {subject}", {"*": {"cat": ["GET"]}}, granted)
            checks.equal("J14", f"reading {subject}", granted, app.client.getEntity(app.client.invokeGet("_permissions/" + subject)))
            checks.equal("J14", f"revoking {subject}", 200, app.client.invokeDelete("_permissions/" + subject).status_code)
            checks.equal("J14", "nothing left", {}, app.client.resourcePermissions())


def _one_entry(client, checks):
    with checks.scenario("J1"):
        checks.equal("J1", "a new app grants nothing", {}, client.resourcePermissions())
    with checks.scenario("J2"):
        wanted = {"c222": {"dog": ["GET"]}}
        checks.equal("J2", "answer of granting", wanted, client.grantResourcePermission("c222", "dog", ["GET"]))
        checks.equal("J2", "of the subject", wanted, client.resourcePermissions("c222"))
        checks.equal("J2", "of all", wanted, client.resourcePermissions())
    with checks.scenario("J3"):
        checks.equal("J3", "GET and POST", [True, False], [client.isAllowedTo("c222", "dog", m) for m in ("GET", "POST")])
        checks.equal("J3", "bare words", ["true", "false"],
                     [client.invokeGet("_permissions/c222/ZG9n/" + m).text for m in ("GET", "POST")])
    with checks.scenario("J4"):
        client.revokeResourcePermission("c222", "dog")
        checks.equal("J4", "the subject is shown empty", {"c222": {}}, client.resourcePermissions("c222"))
        checks.equal("J4", "GET and POST", [False, False], [client.isAllowedTo("c222", "dog", m) for m in ("GET", "POST")])


def _everything(client, checks):
    for methods in (["w"], list(WRITE)):
        with checks.scenario("J5"):
            client.grantResourcePermission("c333", "*", methods)
            checks.equal("J5", f"dog after granting {methods}", [True, True, False],
                         [client.isAllowedTo("c333", "dog", m) for m in ("PUT", "PATCH", "GET")])
        with checks.scenario("J6"):
            client.revokeAllResourcePermissions("c333")
            checks.equal("J6", "subject gone", False, "c333" in client.resourcePermissions())
            checks.equal("J6", "dog PUT", False, client.isAllowedTo("c333", "dog", "PUT"))


def _allowed(client, subject):
    """dog PUT, dog GET, cat PUT, cat GET."""
    return [client.isAllowedTo(subject, path, method) for path in ("dog", "cat") for method in ("PUT", "GET")]


def _precedence(client, checks):
    with checks.scenario("J7"):
        client.grantResourcePermission("c222", "dog", list(WRITE))
        client.grantResourcePermission("*", "cat", list(WRITE))
        client.grantResourcePermission("*", "*", ["GET"])
        checks.equal("J7", "the own entry decides", [True, False, True, True], _allowed(client, "c222"))
    with checks.scenario("J8"):
        client.revokeAllResourcePermissions("c222")
        checks.equal("J8", "entries of all remain", [False, True, True, True], _allowed(client, "c222"))
    with checks.scenario("J9"):
        checks.equal("J9", "DELETE answers", 200, client.invokeDelete("_permissions/*/Y2F0").status_code)
        for subject in ("c222", "c333"):
            checks.equal("J9", "reading remains for " + subject, [False, True, False, True], _allowed(client, subject))


def _guests(server, app, checks):
    guest = server.client(app.id, None)
    with checks.scenario("J10"):
        app.client.revokeAllResourcePermissions("*")
        checks.equal("J10", "asked by the guest", False, guest.isAllowedTo("*", "utils/timestamp", "GET"))
        answer = guest.invokeGet("utils/timestamp")
        checks.equal("J10", "refused", (403, FORBIDDEN), (answer.status_code, wire.message(answer)))
        granted = app.client.grantResourcePermission("*", "utils/timestamp", ["GET"], True)
        checks.equal("J10", "granted to guests", {"?", "GET"}, set(granted.get("*", {}).get("utils/timestamp", [])))
        checks.true("J10", "getTimestamp()", guest.getTimestamp() > 0, guest.getTimestamp())
        checks.equal("J10", "GET and DELETE", [True, False],
                     [guest.isAllowedTo("*", "utils/timestamp", m) for m in ("GET", "DELETE")])
        app.client.revokeAllResourcePermissions("*")


def _segments(client, checks):
    for segment, path in (("ZG9n", "dog"), ("dog", "dog"), ("Kg==", "*"), ("Kg", "*"), ("*", "*"),
                          ("utils%2Ftimestamp", "utils/timestamp"), ("dXRpbHMvdGltZXN0YW1w", "utils/timestamp"),
                          ("YT9iPmN-", "a?b>c~"), ("YT9iPmN%2B", "a?b>c~"), ("dXNlcnM=", "users"), ("dXNlcnM", "users")):
        with checks.scenario("J11"):
            answer = client.invokePut("_permissions/c222/" + segment, '["GET"]')
            checks.equal("J11", f"grant on {segment}", (200, {"c222": {path: ["GET"]}}), (answer.status_code, answer.json()))
            checks.equal("J11", f"check of {segment}", "true", client.invokeGet(f"_permissions/c222/{segment}/GET").text)
            checks.equal("J11", f"check of {path}", True, client.isAllowedTo("c222", path, "GET"))
            client.invokeDelete("_permissions/c222/" + segment)
            checks.equal("J11", f"revoke of {segment}", {"c222": {}}, client.resourcePermissions("c222"))
    with checks.scenario("J11"):
        client.grantResourcePermission("c222", "dog", ["GET"])
        codes = [client.invokeDelete("_permissions/c222/" + s).status_code for s in ("%20", "IA==", "!!", "Zm9", "x%25zz")]
        checks.equal("J11", "blank segments are refused, others harmless (D74)", [400, 400, 200, 200, 200], codes)
        checks.equal("J11", "nothing else revoked", {"c222": {"dog": ["GET"]}}, client.resourcePermissions("c222"))
        client.revokeAllResourcePermissions("c222")


def _root(server, checks):
    with checks.scenario("J13"):
        granted = server.root.invokePut("_permissions/*/Kg", json.dumps(["*", "?"]))
        checks.equal("J13", "root may grant", 200, granted.status_code)
        try:
            answer = server.client("app:para", None).invokeGet("utils/timestamp")
            checks.equal("J13", "but serves no guests", (403, FORBIDDEN), (answer.status_code, wire.message(answer)))
        finally:
            server.root.revokeAllResourcePermissions("*")
        checks.equal("J13", "nothing left", False, "*" in server.root.resourcePermissions())
