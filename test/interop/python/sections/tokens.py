"""4.12 Tokens of users. The provider is `password` with unverified e-mails allowed.

L11 is a promise of newer clients: these two do not keep other callers waiting while one refreshes. Shown here instead:
a token that is due is refreshed once by the next request, and of several refreshes at once the last token is valid (D65).
"""
import json
import time
from concurrent.futures import ThreadPoolExecutor

import wire
from apps import fields

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
PASSWORD = "12345678"


def run(server, checks):
    app = server.new_app("tokens")
    app.client.addAppSetting("security.allow_unverified_emails", True)
    _refused(server, app, checks)
    _first_use(server, app, checks)
    _signing_again(server, app, checks)
    _revoking(server, app, checks)
    _refreshing(server, app, checks)
    _one_session(server, app, checks)
    _due(server, checks)
    _other_header(server, app, checks)
    _passwordless(server, app, checks)


def _user(server, app, name):
    """A client without the app's secret and the user that it signed in as."""
    client = server.client(app.id, None)
    return client, client.signIn("password", f"{name}@user.com:{name}:{PASSWORD}")


def _credentials(appid, provider, token):
    return json.dumps({"appid": appid, "provider": provider, "token": token})


def _sign_in(server, body, headers=None):
    return wire.send(server.endpoint, "POST", "/jwt_auth", headers, body=body)


def _bearer(server, token, method, path):
    return wire.send(server.endpoint, method, path, {"Authorization": "Bearer " + token})


def _refused(server, app, checks):
    with checks.scenario("L1"):
        for provider in ("password", "facebook"):
            answer = server.root.invokePost("/jwt_auth", _credentials("app:para", provider, "a@b.co::" + PASSWORD))
            checks.equal("L1", "root app, " + provider, (403, "Can't authenticate user with app 'app:para' using provider "
                         f"'{provider}'. Reason: clients aren't allowed to access root app."),
                         (answer.status_code, wire.message(answer)))
    for provider, token in (("nosuch", "x"), ("password", "no-separator"), ("password", "a@b.co::short"),
                            ("passwordless", "x.y.z")):
        with checks.scenario("L2"):
            answer = app.client.invokePost("/jwt_auth", _credentials(app.id, provider, token))
            checks.equal("L2", f"{provider} {token}",
                         (400, f"Failed to authenticate user with '{provider}'. Check if user is active."),
                         (answer.status_code, wire.message(answer)))


def _first_use(server, app, checks):
    with checks.scenario("L3"):
        client, user = _user(server, app, "first")
        checks.equal("L3", "user of signIn()", ("user", "first", "first@user.com", True),
                     (user.type, user.name, fields(user).get("email"), fields(user).get("active")))
        checks.equal("L3", "me()", (user.id, "user"), (client.me().id, client.me().type))
        for path in ("utils/newid", "utils/timestamp"):
            checks.equal("L3", path, 403, client.invokeGet(path).status_code)
        checks.equal("L3", "getTimestamp()", 0, client.getTimestamp())
    with checks.scenario("L4"):
        app.client.grantResourcePermission(user.id, "*", list(METHODS))
        again = client.signIn("password", f"first@user.com:first:{PASSWORD}")
        checks.equal("L4", "same user", user.id, again.id)
        checks.equal("L4", "me()", again.name, client.me().name)
        checks.true("L4", "newId()", isinstance(client.newId(), int), client.newId())
        checks.true("L4", "getTimestamp()", client.getTimestamp() > 0, client.getTimestamp())
    with checks.scenario("L6"):
        answer = client.invokePost("_newkeys")
        checks.equal("L6", "a user gets no keys", (401, "Not an app."), (answer.status_code, wire.message(answer)))
        checks.equal("L6", "the app's keys still work", app.id, app.client.me().id)


def _signing_again(server, app, checks):
    with checks.scenario("L5"):
        client = server.client(*app.keys)
        user = client.signIn("password", f"local@user.com::{PASSWORD}")
        checks.equal("L5", "me() while signed in", user.id, client.me().id)
        client.signOut()
        checks.equal("L5", "me() after local sign-out", (app.id, "app"), (client.me().id, client.me().type))


def _revoking(server, app, checks):
    with checks.scenario("L7"):
        client, user = _user(server, app, "revoked")
        app.client.grantResourcePermission(user.id, "*", list(METHODS))
        checks.true("L7", "newId() before", isinstance(client.newId(), int), client.newId())
        answer = client.invokeDelete("/jwt_auth")
        checks.equal("L7", "answer", (200, {"code": 200, "message": f"All tokens revoked for user {user.id}!"}),
                     (answer.status_code, answer.json()))
        answer = client.invokeGet("_me")
        checks.equal("L7", "_me", (401, ""), (answer.status_code, answer.text))
        answer = client.invokeGet("utils/newid")
        checks.equal("L7", "newid", (401, "You don't have permission to access this resource. [GET /v1/utils/newid]"),
                     (answer.status_code, wire.message(answer)))
        answer = client.invokeDelete("/jwt_auth")
        checks.equal("L7", "revoking twice", (401, "Invalid or expired token.", "Bearer"),
                     (answer.status_code, wire.message(answer), answer.headers.get("WWW-Authenticate")))
        client, user = _user(server, app, "revoked")
        checks.equal("L7", "signing in again", user.id, client.me().id)
        checks.equal("L7", "revokeAllTokens()", True, client.revokeAllTokens())
        checks.equal("L7", "me() afterwards", None, client.me())


def _refreshing(server, app, checks):
    with checks.scenario("L8"):
        client, user = _user(server, app, "fresh")
        old = client.getAccessToken()
        body = client.getEntity(client.invokeGet("/jwt_auth"))
        jwt = body["jwt"]
        checks.equal("L8", "user", (user.id, user.name), (body["user"]["id"], body["user"]["name"]))
        checks.true("L8", "expires > refresh > now in milliseconds", jwt["expires"] > jwt["refresh"] > time.time() * 1000, jwt)
        checks.equal("L8", "the new token", 200, _bearer(server, jwt["access_token"], "GET", "/v1/_me").status_code)
        checks.equal("L8", "the old token (one session)", 401, _bearer(server, old, "GET", "/v1/_me").status_code)
    for label, token in (("revoked", old), ("broken", "x.y.z"), ("null", "null")):
        with checks.scenario("L9"):
            answer = _bearer(server, token, "GET", "/jwt_auth")
            checks.equal("L9", label + " token", (401, "User must reauthenticate.", 'Bearer error="invalid_token"'),
                         (answer.status_code, wire.message(answer), answer.headers.get("WWW-Authenticate")))
    with checks.scenario("D65"):
        client, _ = _user(server, app, "fresh")
        held = client.getAccessToken()
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: _bearer(server, held, "GET", "/jwt_auth"), range(2)))
        tokens = {a.json()["jwt"]["access_token"] for a in answers if a.status_code == 200}
        valid = [_bearer(server, t, "GET", "/v1/_me").status_code for t in tokens]
        checks.equal("D65", "one of the tokens made at once is valid", 1, valid.count(200))
        checks.equal("D65", "a refresh either succeeds or asks to sign in", set(), {a.status_code for a in answers} - {200, 401})


def _one_session(server, app, checks):
    with checks.scenario("L10"):
        first, user = _user(server, app, "twice")
        second, _ = _user(server, app, "twice")
        checks.equal("L10", "older token", None, first.me())
        checks.equal("L10", "newer token", user.id, second.me().id)
        app.client.addAppSetting("security.one_session_per_user", False)
        third, _ = _user(server, app, "twice")
        checks.equal("L10", "several sessions when the app wants them", [user.id] * 2, [second.me().id, third.me().id])
        app.client.removeAppSetting("security.one_session_per_user")


def _due(server, checks):
    """Half of its life is over after six seconds: then the client refreshes."""
    with checks.scenario("L11"):
        app = server.new_app("due")
        app.client.setAppSettings({"security.allow_unverified_emails": True, "session_timeout": 12})
        client, user = _user(server, app, "due")
        before = client.getAccessToken()
        checks.equal("L11", "not due yet", (user.id, before), (client.me().id, client.getAccessToken()))
        time.sleep(6.2)
        checks.equal("L11", "me() when due", user.id, client.me().id)
        refreshed = client.getAccessToken()
        checks.equal("L11", "refreshed", False, before == refreshed)
        checks.equal("L11", "once", (user.id, refreshed), (client.me().id, client.getAccessToken()))
        checks.equal("L11", "the old token", 401, _bearer(server, before, "GET", "/v1/_me").status_code)


def _other_header(server, app, checks):
    body = _credentials(app.id, "password", f"headers@user.com::{PASSWORD}")
    with checks.scenario("L12"):
        made = [_sign_in(server, body)]
        old = made[0].json()["jwt"]["access_token"]
        made.append(wire.signed(server.endpoint, app.keys, "POST", "/jwt_auth", body=body))
        for value in ("Anonymous " + app.id, "Bearer " + old, "Bearer null", "AWS4-HMAC-SHA256 nonsense"):
            made.append(_sign_in(server, body, {"Authorization": value}))
        checks.equal("L12", "every header is ignored", [200] * 6, [a.status_code for a in made])
        checks.equal("L12", "always the same user", 1, len({a.json()["user"]["id"] for a in made}))


def _passwordless(server, app, checks):
    key = "interop-secret-of-passwordless-tokens-0123456789"
    claims = {"identifier": "custom:42", "email": "less@user.com", "name": "Less Word"}
    with checks.scenario("L13"):
        app.client.addAppSetting("app_secret_key", key)
        client = server.client(app.id, None)
        user = client.signIn("passwordless", wire.token((app.id, key), int(time.time()), **claims))
        checks.equal("L13", "user created", ("Less Word", "less@user.com", "custom:42", True),
                     (user.name, *(fields(user).get(m) for m in ("email", "identifier", "active"))))
        checks.equal("L13", "me()", user.id, client.me().id)
        again = client.signIn("passwordless", wire.token((app.id, key), int(time.time()), **claims))
        checks.equal("L13", "same user next time", user.id, again.id)
        answer = app.client.invokePost("/jwt_auth", _credentials(app.id, "passwordless",
                                                                 wire.token((app.id, key + "x"), int(time.time()), **claims)))
        checks.equal("L13", "signed with another key", 400, answer.status_code)
