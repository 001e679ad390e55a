"""4.1 Authentication: signatures, guests and super tokens. Tokens of users are the subject of 4.12."""
import datetime
import time

import wire
from apps import fields, make

NO_PERMISSION = "You don't have permission to access this resource. "


def run(server, checks):
    app = server.new_app("auth")
    _signatures(server, app, checks)
    _without_keys(server, app, checks)
    _super_tokens(server, app, checks)
    _apps_are_separate(server, app, checks)


def _signatures(server, app, checks):
    with checks.scenario("A1"):
        unknown = server.client("app:interop-nobody", "x" * 56)
        answer = unknown.invokeGet("_me")
        checks.equal("A1", "status for an unknown app", 404, answer.status_code)
        checks.equal("A1", "message", "App not found.", wire.message(answer))
        checks.equal("A1", "me()", None, unknown.me())
        checks.equal("A1", "newId()", "", unknown.newId())
    with checks.scenario("A2"):
        answer = server.client(app.id, "wrong" * 10).invokeGet("_me")
        checks.equal("A2", "status for a wrong secret", 403, answer.status_code)
        checks.true("A2", "message contains 'Invalid signature'", "Invalid signature" in wire.message(answer), answer.text)
    with checks.scenario("A3"):
        old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=16)
        answer = wire.signed(server.endpoint, app.keys, "GET", "/v1/_me", date=old)
        checks.equal("A3", "signed 16 minutes ago", (400, "Request has expired."), (answer.status_code, wire.message(answer)))
        headers = wire.sign(app.keys, "GET", server.endpoint.split("//")[1], "/v1/_me")
        del headers["x-amz-date"]
        answer = wire.send(server.endpoint, "GET", "/v1/_me", headers)
        checks.equal("A3", "without X-Amz-Date", (400, "Request has expired."), (answer.status_code, wire.message(answer)))
    with checks.scenario("A11"):
        body = b'{"name":"Tom"}'
        headers = wire.sign(app.keys, "POST", server.endpoint.split("//")[1], "/v1/cat", body=body)
        answer = wire.send(server.endpoint, "POST", "/v1/cat", headers, body=body.replace(b"Tom", b"Tim"))
        checks.equal("A11", "body changed after signing", 403, answer.status_code)
    with checks.scenario("A8"):
        me = server.root.me()
        checks.equal("A8", "root me()", ("app:para", "app"), (me.id, me.type))
        checks.equal("A8", "neither secret nor settings are shown", set(), {"secret", "settings"} & set(fields(me)))
        checks.true("A8", "newId() of root is a number", isinstance(server.root.newId(), int), server.root.newId())
    with checks.scenario("4.1"):
        me = app.client.me()
        checks.equal("4.1", "child me()", (app.id, "app"), (me.id, me.type))


def _without_keys(server, app, checks):
    with checks.scenario("A4"):
        answer = wire.send(server.endpoint, "GET", "/v1/utils/newid")
        checks.equal("A4", "no credentials", (401, NO_PERMISSION + "[GET /v1/utils/newid]"),
                     (answer.status_code, wire.message(answer)))
    with checks.scenario("A5"):
        answer = wire.send(server.endpoint, "GET", "/v1/_me")
        checks.equal("A5", "no credentials on _me", (401, ""), (answer.status_code, answer.text))
    with checks.scenario("A6"):
        guest = server.client(app.id, None)
        answer = guest.invokeGet("utils/timestamp")
        checks.equal("A6", "guest without a grant",
                     (403, NO_PERMISSION + "[user: [GUEST], resource: GET /v1/utils/timestamp]"),
                     (answer.status_code, wire.message(answer)))
        checks.equal("A6", "getTimestamp() of a guest", 0, guest.getTimestamp())
    expired = wire.token(app.keys, int(time.time()) - 7200)
    for label, value in (("Bearer null", "null"), ("Bearer x.y.z", "x.y.z"), ("an expired token", expired)):
        with checks.scenario("A7"):
            answer = wire.send(server.endpoint, "GET", "/v1/utils/newid", {"Authorization": "Bearer " + value})
            checks.equal("A7", "status with " + label, 401, answer.status_code)
            checks.equal("A7", "WWW-Authenticate with " + label, 'Bearer error="invalid_token"',
                         answer.headers.get("WWW-Authenticate"))
    for path in ("/v1/_health", "/v1/_setup", "/v1/_config/options", "/v1"):
        with checks.scenario("A14"):
            checks.equal("A14", "public " + path, 200, wire.send(server.endpoint, "GET", path).status_code)


def _super_tokens(server, app, checks):
    for header in ({"alg": "HS256"}, {"alg": "HS256", "typ": "JWT"}):
        with checks.scenario("A9"):
            bearer = server.client(app.id, None)
            bearer.setAccessToken(wire.token(app.keys, int(time.time()), header=header))
            me = bearer.me()
            checks.equal("A9", f"me() with a super token {header}", app.id, me and me.id)
            made = bearer.create(make("cat", name="Tom"))
            checks.equal("A9", f"create() with a super token {header}", "Tom", made and made.name)
            checks.equal("A9", "status of the POST", 201, bearer.invokePost("cat", '{"name":"Tom"}').status_code)
    with checks.scenario("A10"):
        bearer = server.client("app:para", None)
        bearer.setAccessToken(wire.token(server.root_keys, int(time.time()), getCredentials=app.id))
        me = bearer.me()
        checks.equal("A10", "getCredentials names the child", app.id, me and me.id)
        checks.equal("A10", "its credentials", {"accessKey": app.keys[0], "secretKey": app.keys[1]},
                     fields(me).get("credentials"))
        bearer.setAccessToken(wire.token(server.root_keys, int(time.time()), getCredentials="app:interop-nobody"))
        me = bearer.me()
        checks.equal("A10", "getCredentials of an unknown app gives root", ("app:para", None),
                     (me and me.id, fields(me).get("credentials")))


def _apps_are_separate(server, app, checks):
    with checks.scenario("A13"):
        other = server.new_app("auth-other")
        made = app.client.create(make("cat", "a13", name="Tom"))
        checks.equal("A13", "object made", "a13", made and made.id)
        checks.equal("A13", "read by another app", None, other.client.read(None, "a13"))
        checks.equal("A13", "status for another app", 404, other.client.invokeGet("_id/a13").status_code)
        checks.equal("A13", "read by root", None, server.root.read("cat", "a13"))
