"""4.13 Password users and ownership. Unverified e-mails are allowed from M2 on."""
import json

import wire
from apps import fields, ids, make

PASSWORD = "12345678"


def run(server, checks):
    app = server.new_app("owners")
    _unverified(app, checks)
    app.client.addAppSetting("security.allow_unverified_emails", True)
    users = _sign_up(server, app, checks)
    _own_record(app, users[0], checks)
    todos = [_todo(app, *users[0], checks), _second(app, users, checks)]
    with checks.scenario("M11"):
        checks.equal("M11", "the app sees both", sorted(todos), sorted(ids(app.client.list("todo"))))
    _others(app, users, todos, checks)
    _deleted(server, app, users[0][1], checks)


def _credentials(app, token):
    return json.dumps({"appid": app.id, "provider": "password", "token": token})


def _unverified(app, checks):
    with checks.scenario("M1"):
        answer = app.client.invokePost("/jwt_auth", _credentials(app, "test2@user.com::" + PASSWORD))
        checks.equal("M1", "refused", (400, "Failed to authenticate user with 'password'. Check if user is active."),
                     (answer.status_code, wire.message(answer)))
        found = app.client.findTerms("user", {"email": "test2@user.com"}, True)
        checks.equal("M1", "but stored and inactive", [("test2@user.com", False)],
                     [(fields(o).get("email"), fields(o).get("active")) for o in found])
        checks.equal("M1", "deleting the user", 200, app.client.invokeDelete("user/" + found[0].id).status_code)
        checks.equal("M1", "identity record gone", None, app.client.read(None, "test2@user.com"))


def _sign_up(server, app, checks):
    users = []
    for name in ("test3", "test4"):
        with checks.scenario("M2"):
            client = server.client(app.id, None)
            user = client.signIn("password", f"{name}@user.com::{PASSWORD}")
            checks.equal("M2", name + " created", (f"{name}@user.com", True),
                         (fields(user).get("email"), fields(user).get("active")))
            users.append((client, user))
    with checks.scenario("M3"):
        again = users[0][0].signIn("password", f"test3@user.com::{PASSWORD}")
        checks.equal("M3", "same user", users[0][1].id, again.id)
        answer = app.client.invokePost("/jwt_auth", _credentials(app, "test3@user.com::123456789"))
        checks.equal("M3", "wrong password", 400, answer.status_code)
    with checks.scenario("M4"):
        again = users[1][0].signIn("password", f"TEST4@user.COM::{PASSWORD}")
        checks.equal("M4", "capitals in the address", users[1][1].id, again.id)
        checks.equal("M4", "two users in all", 2, app.client.getCount("user"))
    return users


def _own_record(app, signed_in, checks):
    client, user = signed_in
    with checks.scenario("M5"):
        for who, asking in (("app", app.client), ("user", client)):
            checks.equal("M5", f"asked by the {who}", [True, False],
                         [asking.isAllowedTo(user.id, f"/user/{user.id}{end}", "GET") for end in ("", "x")])
    with checks.scenario("M6"):
        checks.equal("M6", "_id", user.id, client.read(None, user.id).id)
        checks.equal("M6", "user", user.id, client.read("user", user.id).id)
        checks.equal("M6", "no other user's", 403, client.invokeGet("user/" + user.id + "x").status_code)


def _grant(app, user):
    for path in ("todo", "todo/*"):
        app.client.grantResourcePermission(user.id, path, ["*", "OWN"])


def _todo(app, client, user, checks):
    with checks.scenario("M7"):
        checks.equal("M7", "before the grant", False, app.client.isAllowedTo(user.id, "todo", "POST"))
        _grant(app, user)
        checks.equal("M7", "after it", True, app.client.isAllowedTo(user.id, "todo", "POST"))
    with checks.scenario("M8"):
        made = client.create(make("todo", "todo_id", name="[] buy milk", creatorid="invalid_user_id"))
        checks.equal("M8", "id and owner are the user's", (user.id + "_todo_id", user.id, "[] buy milk"),
                     (made.id, made.creatorid, made.name))
    with checks.scenario("M9"):
        checks.equal("M9", "read()", "[] buy milk", client.read("todo", made.id).name)
        checks.equal("M9", "findQuery()", [made.id], ids(client.findQuery("todo", "*")))
    return user.id + "_todo_id"


def _second(app, users, checks):
    (_, first), (client, user) = users
    _grant(app, user)
    todo = first.id + "_todo_id"
    with checks.scenario("M10"):
        checks.equal("M10", "list() before any own", [], client.list("todo"))
        checks.equal("M10", "by type", 404, client.invokeGet("todo/" + todo).status_code)
        checks.equal("M10", "by id without a grant for it (D76)", 403, client.invokeGet("_id/" + todo).status_code)
        app.client.grantResourcePermission(user.id, "_id", ["GET", "OWN"])
        checks.equal("M10", "by id", 404, client.invokeGet("_id/" + todo).status_code)
        checks.equal("M10", "read(id)", None, client.read(None, todo))
        made = client.create(make("todo", None, name="[] buy eggs"))
        checks.equal("M10", "own todo", ("[] buy eggs", user.id), (made.name, made.creatorid))
        checks.equal("M10", "findQuery()", [made.id], ids(client.findQuery("todo", "*")))
        checks.equal("M10", "read() of the own", [made.id] * 2, [client.read(t, made.id).id for t in ("todo", None)])
    return made.id


def _others(app, users, todos, checks):
    (_, _), (client, user) = users
    with checks.scenario("M12"):
        for answer in (client.invokePatch("todo/" + todos[0], '{"name":"stolen"}'), client.invokeDelete("todo/" + todos[0])):
            checks.equal("M12", "refused", (400, "Bad Request"), (answer.status_code, wire.message(answer)))
        made = client.create(make("todo", todos[0], name="another"))
        checks.equal("M12", "PUT makes an object of its own", (f"{user.id}_{todos[0]}", user.id), (made.id, made.creatorid))
        first = app.client.read("todo", todos[0])
        checks.equal("M12", "the first is unchanged", ("[] buy milk", users[0][1].id), (first.name, first.creatorid))


def _deleted(server, app, user, checks):
    with checks.scenario("M13"):
        checks.equal("M13", "identity record", user.id, app.client.read("sysprop", "test3@user.com").creatorid)
        checks.equal("M13", "DELETE", 200, app.client.invokeDelete("user/" + user.id).status_code)
        checks.equal("M13", "identity record gone", None, app.client.read("sysprop", "test3@user.com"))
        checks.equal("M13", "permission entries gone (D84)", False, user.id in app.client.resourcePermissions())
        again = server.client(app.id, None).signIn("password", f"test3@user.com::{PASSWORD}")
        checks.equal("M13", "a new user", False, again.id == user.id)
