"""4.15 Tolerance, on the wire.

O14 and O15 (other signers, proxies) and O16 (a context path, hence another server configuration) are not run here.
"""
import http.client
import json
from urllib.parse import urlparse

import wire
from apps import fields, ids, make


def run(server, checks):
    app = server.new_app("tolerance")
    client = app.client
    _framing(server, app, checks)
    _bodies(server, app, checks)
    _queries(server, app, checks)
    _paths(server, app, checks)
    _connections(server, app, checks)
    with checks.scenario("O13"):
        got = client.getEntity(client.invokePut("_constraints/kitten/paws/max", '{"message":{"value":4,"message":"messages.max"}}'))
        checks.equal("O13", "payload nested under message (D42)", 4,
                     (got or {}).get("kitten", {}).get("paws", {}).get("max", {}).get("value"))


def _framing(server, app, checks):
    client = app.client
    with checks.scenario("O1"):
        client.create(make("cat", "tom", name="Tom", text="x"))
        texts = [client.invokeGet("utils/newid").text, client.invokeGet("_settings").text,
                 client.invokeGet("cat/tom/links/cat/none").text, client.invokeGet("_permissions/c1/Y2F0/GET").text,
                 client.invokePatch("cat/tom", '{"_voteup":"c111"}').text, client.invokeGet("_me").text]
        checks.equal("O1", "no space around a body", [t.strip() for t in texts], texts)
        checks.equal("O1", "fixed bodies", ["{}", "false", "false", "true"], texts[1:5])
    for size in (1, 2000, 200000):
        with checks.scenario("O2"):
            client.create(make("cat", f"size{size}", text="x" * size))
            for encoding in ("gzip", "identity"):
                answer = wire.signed(server.endpoint, app.keys, "GET", f"/v1/cat/size{size}", headers={"Accept-Encoding": encoding})
                checks.equal("O2", f"{size} bytes, {encoding}", size, len(answer.json()["text"]))
                checks.true("O2", f"{size} bytes, {encoding}: Content-Length (D4)", answer.headers.get("Content-Length"),
                            dict(answer.headers))


def _bodies(server, app, checks):
    client = app.client
    with checks.scenario("O3"):
        client.create(make("cat", "doomed"))
        answer = wire.signed(server.endpoint, app.keys, "DELETE", "/v1/cat/doomed", body='""',
                             headers={"Content-Type": "application/json"}, content_hash=True)
        checks.equal("O3", "DELETE with a body", 200, answer.status_code)
        checks.equal("O3", "deleted", None, client.read("cat", "doomed"))
    for kind in (None, "text/plain", "application/json; charset=utf-8", "application/json"):
        headers = {} if kind is None else {"Content-Type": kind}
        for method, path in (("POST", "/v1/cat"), ("PUT", "/v1/cat/typed"), ("PATCH", "/v1/cat/typed")):
            with checks.scenario("O4"):
                answer = wire.signed(server.endpoint, app.keys, method, path, body={"name": "Zoë"}, headers=headers)
                checks.equal("O4", f"{method} with Content-Type {kind}", (True, "Zoë"),
                             (answer.status_code in (200, 201), answer.json().get("name")))
    with checks.scenario("O11"):
        answer = client.invokePut("cat/full", json.dumps({
            "id": "full", "type": "cat", "appid": "another", "objectURI": "/dog/1", "plural": "dogs", "name": "Full",
            "timestamp": None, "updated": None, "parentid": None, "creatorid": None, "tags": None, "votes": 0, "version": 0,
            "stored": True, "indexed": True, "cached": True, "totalVotes": 5, "tagsString": "", "foo": None}))
        got = fields(client.read("cat", "full"))
        checks.equal("O11", "a full client object", 200, answer.status_code)
        checks.equal("O11", "computed members are the server's", (app.name, "/cat/full", "cats", "Full"),
                     (got.get("appid"), got.get("objectURI"), got.get("plural"), got.get("name")))
        checks.equal("O11", "unknown getters are custom members", (5, False), (got.get("totalVotes"), "foo" in got))
    with checks.scenario("O12"):
        client.invokePut("num/n", '{"a":5,"b":5.5,"c":9007199254740993,"d":1767323045000,"e":1.0}')
        for path in ("num/n", "_id/n", "num", "num/search/default?q=*", "_batch?ids=n"):
            text = client.invokeGet(*_split(path)).text.replace(" ", "")
            checks.equal("O12", "literals from " + path, [],
                         [x for x in ('"a":5', '"b":5.5', '"c":9007199254740993', '"d":1767323045000', '"e":1.0')
                          if x + "," not in text and x + "}" not in text])


def _split(path):
    path, _, query = path.partition("?")
    return path, dict(pair.split("=") for pair in query.split("&")) if query else {}


def _queries(server, app, checks):
    client = app.client
    client.createAll([make("bird", "b1", name="a b", tags=["x"]), make("bird", "b2", name="c", tags=["y"])])

    def found(path, **params):
        answer = client.getEntity(client.invokeGet(path, params))
        return [o["id"] for o in answer["items"]]

    with checks.scenario("O5"):
        checks.equal("O5", "?q=&type=", [], found("search/default", q="", type="bird"))
        for word, expected in (("True", ["b2", "b1"]), ("1", ["b2", "b1"]), ("true", ["b2", "b1"]), ("0", ["b1", "b2"]),
                               ("false", ["b1", "b2"])):
            checks.equal("O5", "desc=" + word, expected, found("bird", sort="name", desc=word))
        for word, expected in (("False", ["b1", "b2"]), ("true", [])):
            path = "/v1/bird/search/terms"
            # Only the first value of a repeated key is signed.
            made = wire.sign(app.keys, "GET", urlparse(server.endpoint).netloc, path, {"matchall": word, "terms": "name:c"})
            answer = wire.send(server.endpoint, "GET", f"{path}?matchall={word}&terms=name%3Ac&terms=tags%3Ax", made)
            checks.equal("O5", "matchall=" + word, expected, sorted(o["id"] for o in answer.json().get("items", [])))
    with checks.scenario("O8"):
        for select in (["id", "name"], "id,name"):
            answer = client.getEntity(client.invokeGet("bird", {"select": select, "sort": "name", "desc": "false"}))
            checks.equal("O8", f"select={select} (D3)", [{"id": "b1", "name": "a b"}, {"id": "b2", "name": "c"}], answer["items"])


def _paths(server, app, checks):
    with checks.scenario("O6"):
        answers = []
        for space in ("+", "%20"):
            # Signed over the decoded value, sent in both spellings.
            made = wire.sign(app.keys, "GET", urlparse(server.endpoint).netloc, "/v1/bird/search/default", {"q": "a b"})
            answers.append(wire.send(server.endpoint, "GET", "/v1/bird/search/default?q=a" + space + "b", made))
        checks.equal("O6", "space as + and as %20", [(200, ["b1"])] * 2,
                     [(a.status_code, [o["id"] for o in a.json().get("items", [])]) for a in answers])
    with checks.scenario("O7"):
        answer = wire.signed(server.endpoint, app.keys, "PUT", "/v1/my+type/a+b", body={"name": "plus"})
        checks.equal("O7", "+ in a path stays +", ("a+b", "my+type"), (answer.json().get("id"), answer.json().get("type")))
        checks.equal("O7", "read back", ["a+b"], ids(app.client.readAll(["a+b"])))
    with checks.scenario("O10"):
        answer = wire.signed(server.endpoint, app.keys, "GET", "//v1/_me")
        checks.equal("O10", "endpoint with a trailing slash (D8)", 200, answer.status_code)


def _connections(server, app, checks):
    where = urlparse(server.endpoint)
    body = json.dumps({"name": "Tom"}).encode()
    for label, headers, chunked in (("Expect: 100-continue", {"Expect": "100-continue"}, False), ("chunked body", {}, True),
                                    ("Connection: close", {"Connection": "close"}, False)):
        with checks.scenario("O9"):
            made = {**wire.sign(app.keys, "POST", where.netloc, "/v1/cat", body=body), **headers}
            connection = http.client.HTTPConnection(where.netloc, timeout=wire.TIMEOUT)
            connection.request("POST", "/v1/cat", iter([body[:5], body[5:]]) if chunked else body, made, encode_chunked=chunked)
            answer = connection.getresponse()
            checks.equal("O9", label, (201, "Tom"), (answer.status, json.loads(answer.read()).get("name")))
            connection.close()
