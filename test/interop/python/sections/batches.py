"""4.3 Batches. C7 needs constraints and runs with 4.9."""
import json

import wire
from apps import fields, fixture, ids, make


def run(server, checks):
    app = server.new_app("batch")
    client = app.client
    fixture(app, checks)
    _dogs(client, checks)
    _articles(app, checks)
    _edges(client, checks)
    _versions(client, checks)


def _dogs(client, checks):
    with checks.scenario("C1"):
        dogs = client.createAll([make("dog", foo="bark!") for _ in range(3)])
        checks.equal("C1", "objects made", 3, len(dogs))
        keys = ids(dogs)
        checks.equal("C1", "distinct ids of digits", (3, True), (len(set(keys)), all(k.isdigit() for k in keys)))
    with checks.scenario("C2"):
        checks.equal("C2", "readAll in request order", keys, ids(client.readAll(keys)))
        checks.equal("C2", "readAll in reverse order", keys[::-1], ids(client.readAll(keys[::-1])))
    with checks.scenario("C3"):
        changes = [make("dog", key, name=f"NewName{n + 1}") for n, key in enumerate(keys)]
        changes[0].custom = "prop"
        got = client.updateAll(changes)
        checks.equal("C3", "updated in order", keys, ids(got))
        checks.equal("C3", "names", ["NewName1", "NewName2", "NewName3"], [o.name for o in got])
        checks.equal("C3", "custom members", ["prop", None, None], [fields(o).get("custom") for o in got])
        checks.equal("C3", "earlier members kept", [("bark!", "dog")] * 3, [(o.foo, o.type) for o in client.readAll(keys)])
    with checks.scenario("C5"):
        checks.equal("C5", "type registered", "dog", client.me().datatypes.get("dogs"))
    with checks.scenario("C4"):
        answer = client.invokeDelete("_batch", {"ids": keys})
        checks.equal("C4", "delete answers 200 and nothing", (200, ""), (answer.status_code, answer.text))
        checks.equal("C4", "no dog left", [], client.list("dog"))
        checks.equal("C4", "nothing to read", [], client.readAll(keys))


def _articles(app, checks):
    client = app.client
    with checks.scenario("C6"):
        made = client.createAll([make("article", text="a b c") for _ in range(3)])
        keys = ids(made)
        checks.equal("C6", "appid in all", [app.name] * 3, [o.appid for o in made])
        client.updateAll([
            make("update_must_not_change_type", keys[0], text2="d e f"),
            make("update_must_not_change_type", keys[1], name="two"),
            make("update_must_not_change_type", keys[2], name="three"),
        ])
        got = client.readAll(keys)
        checks.equal("C6", "type kept", ["article"] * 3, [o.type for o in got])
        checks.equal("C6", "members of the first", {"text": "a b c", "text2": "d e f"},
                     {k: v for k, v in fields(got[0]).items() if k in ("text", "text2", "properties")})
        checks.equal("C6", "names", ["two", "three"], [o.name for o in got[1:]])


def _edges(client, checks):
    with checks.scenario("C8"):
        for method, call in (("PATCH", client.invokePatch), ("POST", client.invokePost)):
            answer = call("_batch", "[]")
            checks.equal("C8", method + " of an empty list", (200, []), (answer.status_code, answer.json()))
        checks.equal("C8", "updateAll of missing objects", [], client.updateAll([make("dog", "nope", name="x")]))
    with checks.scenario("C9"):
        for method, call in (("GET", client.invokeGet), ("DELETE", client.invokeDelete)):
            answer = call("_batch")
            checks.equal("C9", method + " without ids", (400, "Missing ids."), (answer.status_code, wire.message(answer)))
    with checks.scenario("C10"):
        checks.equal("C10", "missing ids are skipped", ["c111"], ids(client.readAll(["nope", "c111"])))
    with checks.scenario("C11"):
        many = [str(1000000000000000000 + n) for n in range(999)] + ["c111"]
        checks.equal("C11", "1000 ids of 19 digits", ["c111"], ids(client.readAll(many)))
    with checks.scenario("C10"):
        # This client signs a repeated key whose first value has a space in its own way; it must be accepted (D60).
        client.create(make("dog", "a b"))
        checks.equal("C10", "ids of which the first has a space", ["a b", "c111"], ids(client.readAll(["a b", "c111"])))
    with checks.scenario("C12"):
        client.createAll([make("dog", "again", name="one", foo="a")])
        got = client.createAll([make("dog", "again", name="two")])
        checks.equal("C12", "existing id answered", ["again"], ids(got))
        stored = client.read("dog", "again")
        checks.equal("C12", "existing object overwritten", ("two", False), (stored.name, "foo" in fields(stored)))


def _versions(client, checks):
    with checks.scenario("C13"):
        client.createAll([make("dog", "v1", version=1), make("dog", "v2", version=1)])
        wrong = [{"id": "v1", "type": "dog", "version": 7, "name": "x"}, {"id": "v2", "type": "dog", "version": 7}]
        answer = client.invokePatch("_batch", json.dumps(wrong))
        checks.equal("C13", "all versions wrong",
                     (412, "Update failed for all objects in batch due to 'version' mismatch."),
                     (answer.status_code, wire.message(answer)))
        checks.equal("C13", "updateAll with all versions wrong", [],
                     client.updateAll([make("dog", "v1", version=7), make("dog", "v2", version=7)]))
        got = client.updateAll([make("dog", "v1", version=7), make("dog", "v2", version=1, name="fine")])
        checks.equal("C13", "the one with the right version", [("v2", "fine", 2)], [(o.id, o.name, o.version) for o in got])
