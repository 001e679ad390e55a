"""4.14 Administration, as far as app principals are concerned.

Left out: N8 needs the mail service, N10 and the delivery of N11 need webhook deliveries, N6 an archive of another server.
"""
import io
import json
import time
import zipfile

import wire
from apps import fields, fixture, ids, make, pager


def run(server, checks):
    _setup(server, checks)
    _new_keys(server, checks)
    _all_apps(server, checks)
    _export_import(server, checks)
    _reindex(server, checks)
    _respond_immediately(server, checks)
    _event(server, checks)
    _inactive(server, checks)
    _read_only(server, checks)
    with checks.scenario("N14"):
        for path in ("/v1/cat", "/jwt_auth"):
            answer = wire.send(server.endpoint, "OPTIONS", path, {
                "Origin": "http://console.example", "Access-Control-Request-Method": "PATCH",
                "Access-Control-Request-Headers": "authorization,content-type,x-amz-date"})
            checks.equal("N14", "preflight of " + path, (200, "*"),
                         (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")))


def _setup(server, checks):
    root, name = server.root, f"interop-python-named-{time.time_ns():x}"
    with checks.scenario("N1"):
        first = root.getEntity(root.invokeGet("_setup/" + name, {"name": "New App"}))
        checks.equal("N1", "first answer", ("app:" + name, "Save these keys - they are shown only once!", True),
                     (first.get("accessKey"), first.get("message"), bool(first.get("secretKey"))))
        checks.equal("N1", "second answer", {"message": "All set!"},
                     root.getEntity(root.invokeGet("_setup/" + name, {"name": "New App"})))
        checks.equal("N1", "name", "New App", server.client(first["accessKey"], first["secretKey"]).me().name)
    with checks.scenario("N2"):
        answer = server.client(first["accessKey"], first["secretKey"]).invokeGet("_setup/other")
        checks.equal("N2", "a child app makes no apps", (403, "Only root app can create and initialize other apps."),
                     (answer.status_code, wire.message(answer)))


def _new_keys(server, checks):
    with checks.scenario("N3"):
        app = server.new_app("newkeys")
        old_signature, old_token = server.client(*app.keys), server.client(app.id, None)
        old_token.setAccessToken(wire.token(app.keys, int(time.time())))
        checks.equal("N3", "token before", app.id, old_token.me().id)
        keys = app.client.newKeys()
        checks.equal("N3", "answer", (app.id, True, True),
                     (keys["accessKey"], keys["secretKey"] != app.keys[1], bool(keys.get("info"))))
        checks.equal("N3", "new signature", app.id, app.client.me().id)
        checks.equal("N3", "old signature", 403, old_signature.invokeGet("_me").status_code)
        checks.equal("N3", "old token", 401, old_token.invokeGet("utils/newid").status_code)


def _all_apps(server, checks):
    with checks.scenario("N4"):
        for n in range(3):
            server.new_app(f"listed{n}")
        seen, page = [], pager(sortby="_docid", desc=False, limit=2)
        while (items := server.root.findQuery("app", "*", page)) and len(seen) < 1000:
            seen += [(o.id, fields(o).get("appIdentifier")) for o in items]
        checks.equal("N4", "no app twice", len(seen), len(set(seen)))
        checks.equal("N4", "appIdentifier in all", [], [s for s in seen if "app:" + str(s[1]) != s[0]])
        checks.true("N4", "root and the new apps are there", len(seen) >= 4 and "app:para" in dict(seen), seen)


def _export_import(server, checks):
    app = server.new_app("export")
    client = app.client
    objects = fixture(app, checks)
    app.client.addAppSetting("security.allow_unverified_emails", True)
    sign_in = json.dumps({"appid": app.id, "provider": "password", "token": "moved@user.com:Moved:12345678"})
    user = client.invokePost("/jwt_auth", sign_in).json()["user"]["id"]
    keys = list(objects)
    with checks.scenario("N5"):
        before = [fields(o) for o in client.readAll(keys)]
        answer = client.invokeGet("_export")
        name = answer.headers.get("Content-Disposition", "").partition("filename=")[2]
        checks.equal("N5", "export", 200, answer.status_code)
        checks.true("N5", "unquoted file name of the app", name.startswith(app.name + "_") and name.endswith(".zip"), name)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            exported = [o for part in archive.namelist() if not part.endswith("/") for o in json.loads(archive.read(part))]
        checks.equal("N5", "every object exported", [], sorted(set(keys) - {o["id"] for o in exported}))
        client.deleteAll(keys + [user])
        checks.equal("N5", "all deleted", [], client.readAll(keys + [user]))
        checks.equal("N5", "the user's password with it", None, client.read(None, "moved@user.com"))
        bearer = wire.token(app.keys, int(time.time()))
        put = wire.send(server.endpoint, "PUT", "/v1/_import", {"Authorization": "Bearer " + bearer,
                                                                "Content-Type": "application/zip"}, body=answer.content)
        summary = put.json()
        checks.equal("N5", "import", (200, "paraimport", len(exported), app.name),
                     (put.status_code, summary.get("type"), summary.get("count"), summary.get("appid")))
        after = [fields(o) for o in client.readAll(keys)]
        for member in ("id", "type", "timestamp", "name", "tags", "text", "latlng", "parentid"):
            checks.equal("N5", f"{member} restored", [o.get(member) for o in before], [o.get(member) for o in after])
        answer = client.invokePost("/jwt_auth", sign_in)
        checks.equal("N5", "the user signs in", (200, user), (answer.status_code, answer.json().get("user", {}).get("id")))
        checks.equal("N5", "found again", ["adr1", "adr2"], sorted(ids(client.findQuery("address", "country:US"))))
        put = wire.send(server.endpoint, "PUT", "/v1/_import", {"Authorization": "Bearer " + bearer,
                                                                "Content-Type": "application/zip"}, body=b"no zip")
        checks.equal("N5", "not a zip (D46)", 400, put.status_code)


def _reindex(server, checks):
    with checks.scenario("N7"):
        app = server.new_app("reindex")
        fixture(app, checks)
        for destination in (None, "other"):
            got = app.client.rebuildIndex(destination)
            checks.equal("N7", f"rebuildIndex({destination})", (9, True), (got.get("reindexed"), got.get("tookMillis", -1) >= 0))
            checks.equal("N7", "searches unchanged", (5, ["c333"]),
                         (app.client.getCount("sysprop"), ids(app.client.findPrefix("sysprop", "name", "Ann"))))


def _respond_immediately(server, checks):
    with checks.scenario("N9"):
        app = server.new_app("async")
        answer = wire.signed(server.endpoint, app.keys, "POST", "/v1/cat", body={"id": "soon", "type": "cat", "foo": "x"},
                             headers={"X-Para-Respond-Immediately": "true"})
        checks.equal("N9", "answer", (200, ""), (answer.status_code, answer.text))
        deadline = time.time() + 5
        while (got := app.client.read(None, "soon")) is None and time.time() < deadline:
            time.sleep(0.05)
        checks.equal("N9", "readable soon", "x", fields(got).get("foo"))


def _event(server, checks):
    with checks.scenario("N11"):
        client = server.new_app("hooks").client
        answer = client.invokePost("webhook", json.dumps({
            "triggeredEvent": "question.create", "customPayload": {"a": 1}, "targetUrl": "https://para"}))
        body = answer.json()
        checks.equal("N11", "answer", (201, "triggered:question.create",
                                       "This webhook object is not persisted and should be discarded."),
                     (answer.status_code, body.get("id"), body.get("name")))
        checks.equal("N11", "nothing stored", None, client.read(None, "triggered:question.create"))


def _inactive(server, checks):
    with checks.scenario("N12"):
        app = server.new_app("inactive")
        server.root.update(make("app", app.id, active=False))
        answer = app.client.invokeGet("cat")
        checks.equal("N12", "an inactive app", (403, f"App not active. [{app.id}]"),
                     (answer.status_code, wire.message(answer)))
        server.root.update(make("app", app.id, active=True))
        checks.equal("N12", "active again", 200, app.client.invokeGet("cat").status_code)


def _read_only(server, checks):
    """No update can set the member; an import of the root app replaces whole records of apps."""
    with checks.scenario("N13"):
        app = server.new_app("readonly")
        app.client.create(make("cat", "tom", name="Tom"))
        record = {**fields(server.root.read("app", app.id)), "readOnly": True, "secret": app.keys[1]}
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("apps.json", json.dumps([record]))
        answer = wire.signed(server.endpoint, server.root_keys, "PUT", "/v1/_import", body=archive.getvalue(),
                             headers={"Content-Type": "application/zip"})
        checks.equal("N13", "record of the app imported", (200, 1), (answer.status_code, answer.json().get("count")))
        for label, answer in (("POST", app.client.invokePost("cat", '{"name":"Tim"}')),
                              ("PATCH", app.client.invokePatch("cat/tom", '{"name":"Tim"}')),
                              ("DELETE", app.client.invokeDelete("cat/tom"))):
            checks.equal("N13", label, (403, f"App is in read-only mode. [{app.id}]"),
                         (answer.status_code, wire.message(answer)))
        checks.equal("N13", "GET", "Tom", app.client.read("cat", "tom").name)
        checks.equal("N13", "searches", ["tom"], ids(app.client.findQuery("cat", "*")))
