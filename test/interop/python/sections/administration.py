"""4.14 Administration, as far as app principals are concerned.

N6 needs an archive of another server, N13 a locked field that no client can set; they are not run here.
"""
import base64
import hashlib
import hmac
import http.server
import io
import json
import queue
import threading
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
    _emails(server, checks)
    _respond_immediately(server, checks)
    _webhooks(server, checks)
    _inactive(server, checks)
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
        client.deleteAll(keys)
        checks.equal("N5", "all deleted", [], client.readAll(keys))
        bearer = wire.token(app.keys, int(time.time()))
        put = wire.send(server.endpoint, "PUT", "/v1/_import", {"Authorization": "Bearer " + bearer,
                                                                "Content-Type": "application/zip"}, body=answer.content)
        summary = put.json()
        checks.equal("N5", "import", (200, "paraimport", len(exported), app.name),
                     (put.status_code, summary.get("type"), summary.get("count"), summary.get("appid")))
        after = [fields(o) for o in client.readAll(keys)]
        for member in ("id", "type", "timestamp", "name", "tags", "text", "latlng", "parentid"):
            checks.equal("N5", f"{member} restored", [o.get(member) for o in before], [o.get(member) for o in after])
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


def _emails(server, checks):
    good = {"name": "N", "email": "a@b.co", "toEmails": ["test@user.com"], "subject": "S", "message": "M",
            "plaintextOnly": True, "markdownEnabled": False}
    for label, change, status in (("invalid email", {"email": "test2_user.com"}, 400),
                                  ("invalid recipient", {"toEmails": ["test2_user.com"]}, 400),
                                  ("no name and message", {"name": None, "message": None}, 400),
                                  ("no email and subject", {"email": None, "subject": None}, 200)):
        with checks.scenario("N8"):
            answer = server.root.invokePost("_emails", json.dumps({**good, **change}))
            checks.equal("N8", label, status, answer.status_code)


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


class _Listener:
    """A local receiver of webhook deliveries."""

    def __init__(self):
        received = self.received = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                received.put((dict(self.headers), body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                """Deliveries are no news for the log."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def next(self, seconds):
        """The next delivery as headers and body, or None when none came in time."""
        try:
            return self.received.get(timeout=seconds)
        except queue.Empty:
            return None

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def _webhooks(server, checks):
    app, listener = server.new_app("hooks"), _Listener()
    client = app.client
    try:
        with checks.scenario("N10"):
            hook = client.create(make("webhook", "h1", targetUrl=listener.url, create=True, typeFilter="cat", active=True,
                                      secret="hook-secret"))
            checks.equal("N10", "hook made", "h1", hook and hook.id)
            client.create(make("cat", name="Tom"))
            _delivery(checks, "N10", listener, "hook-secret", "create")
            client.create(make("dog", name="Rex"))
            checks.equal("N10", "nothing for another type", None, listener.next(2))
        with checks.scenario("N11"):
            client.create(make("webhook", "h2", targetUrl=listener.url, customEvents=["question.create"], active=True,
                               secret="other-secret"))
            answer = client.invokePost("webhook", json.dumps({
                "triggeredEvent": "question.create", "customPayload": {"a": 1}, "targetUrl": "https://para"}))
            body = answer.json()
            checks.equal("N11", "answer", (201, "triggered:question.create",
                                           "This webhook object is not persisted and should be discarded."),
                         (answer.status_code, body.get("id"), body.get("name")))
            checks.equal("N11", "nothing stored", None, client.read(None, "triggered:question.create"))
            _delivery(checks, "N11", listener, "other-secret", "question.create")
    finally:
        listener.close()


def _delivery(checks, scenario, listener, secret, event):
    got = listener.next(90)
    checks.true(scenario, "one delivery", got, got)
    if got is None:
        return
    headers, body = got
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    checks.equal(scenario, "event and signature headers", (event, signature),
                 (headers.get("X-Para-Event"), headers.get("X-Webhook-Signature")))
    checks.equal(scenario, "only one", None, listener.next(2))


def _inactive(server, checks):
    with checks.scenario("N12"):
        app = server.new_app("inactive")
        server.root.update(make("app", app.id, active=False))
        answer = app.client.invokeGet("cat")
        checks.equal("N12", "an inactive app", (403, f"App not active. [{app.id}]"),
                     (answer.status_code, wire.message(answer)))
        server.root.update(make("app", app.id, active=True))
        checks.equal("N12", "active again", 200, app.client.invokeGet("cat").status_code)
