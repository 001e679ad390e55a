"""4.2 Single objects."""
import json

import wire
from apps import fields, make


def run(server, checks):
    app = server.new_app("single")
    client = app.client
    _tag(client, checks)
    _refused(server, client, checks)
    _custom_type(client, checks)
    _apps(server, checks)
    _versions(client, checks)
    _patch_and_select(client, checks)


def _tag(client, checks):
    with checks.scenario("B1"):
        tag = client.create(make("tag", "tag:test1", tag="test1", version=1))
        checks.equal("B1", "created tag", ("tag:test1", "test1", 1), (tag.id, tag.tag, tag.version))
        checks.true("B1", "timestamp is a number", isinstance(tag.timestamp, int), tag.timestamp)
    with checks.scenario("B2"):
        reads = [client.read(None, "tag:test1"), client.read("tag", "test1"), client.read("tag", "tag:test1")]
        checks.equal("B2", "read by id, short id and full id", [fields(reads[0])] * 3, [fields(r) for r in reads])
        checks.equal("B2", "id", "tag:test1", reads[0].id)
    with checks.scenario("B3"):
        change = make("tag", "tag:test1", count=15)
        got = client.update(change)
        checks.equal("B3", "patched tag", (15, "test1", "tag:test1"), (got.count, got.tag, got.id))
        checks.true("B3", "updated is a number", isinstance(fields(got).get("updated"), int), fields(got))
        checks.equal("B3", "stored count", 15, client.read("tag", "test1").count)
    with checks.scenario("B8"):
        client.delete(make("tag", "tag:test1"))
        checks.equal("B8", "deleted tag", None, client.read(None, "tag:test1"))


def _refused(server, client, checks):
    with checks.scenario("B4"):
        user = make("user", "u1")
        checks.equal("B4", "create() of an invalid user", None, client.create(user))
        answer = client.invokePut("user/u1", user.jsonSerialize())
        checks.equal("B4", "status", 400, answer.status_code)
        checks.true("B4", "message names what is wrong", "must not be blank" in (wire.message(answer) or ""), answer.text)
    with checks.scenario("B5"):
        checks.equal("B5", "update() of a missing object", None, client.update(make("sysprop", "null")))
        checks.equal("B5", "status", 404, client.invokePatch("sysprop/null", '{"id":"null","type":"sysprop"}').status_code)
    with checks.scenario("B9"):
        checks.equal("B9", "create() of the root app", None, server.root.create(make("app", "app:para")))
        answer = server.root.invokePut("app/para", '{"id":"app:para","type":"app"}')
        checks.equal("B9", "overwriting an app", (400, "Failed to overwrite object."),
                     (answer.status_code, wire.message(answer)))
    with checks.scenario("B10"):
        got = server.root.read("app", "para")
        checks.equal("B10", "root reads itself", "app:para", got and got.id)


def _custom_type(client, checks):
    with checks.scenario("B6"):
        dog = client.create(make("dog", foo="bark!"))
        checks.true("B6", "generated id of digits", dog.id.isdigit(), dog.id)
        checks.equal("B6", "custom member at top level", "bark!", fields(dog).get("foo"))
        answer = client.invokePost("dog", json.dumps({"type": "dog", "foo": "bark!"}))
        checks.equal("B6", "status", 201, answer.status_code)
        checks.true("B6", "Location present", answer.headers.get("Location"), dict(answer.headers))
    with checks.scenario("B7"):
        got = client.read("dog", dog.id)
        checks.equal("B7", "read back", ("bark!", "dog"), (got.foo, got.type))
    with checks.scenario("B8"):
        answer = client.invokeDelete(dog.getObjectURI())
        checks.equal("B8", "delete answers 200 and nothing", (200, ""), (answer.status_code, answer.text))
        checks.equal("B8", "read after delete", None, client.read("dog", dog.id))
        checks.equal("B8", "read by id after delete", 404, client.invokeGet("_id/" + dog.id).status_code)


def _apps(server, checks):
    child = server.new_app("single-child")
    with checks.scenario("B11"):
        checks.equal("B11", "me() of a new app", child.id, child.client.me().id)
        child.client.update(make("app", child.id, name="Child application"))
        checks.equal("B11", "name after update", "Child application", child.client.me().name)
        child.client.invokePatch("app/" + child.name, '{"name":"Renamed"}')
        checks.equal("B11", "name after PATCH by short id", "Renamed", child.client.me().name)
    with checks.scenario("B12"):
        answer = child.client.invokeDelete("app/" + child.name)
        checks.equal("B12", "an app deletes itself", 200, answer.status_code)
        answer = child.client.invokeGet("_me")
        checks.equal("B12", "its keys afterwards", (404, "App not found."), (answer.status_code, wire.message(answer)))
        checks.equal("B12", "root finds it no more", None, server.root.read(None, child.id))


def _versions(client, checks):
    with checks.scenario("B13"):
        client.create(make("dog", "versioned", foo="a", version=1))
        answer = client.invokePatch("dog/versioned", '{"foo":"b","version":5}')
        checks.equal("B13", "wrong version", (412, "Update failed due to 'version' mismatch."),
                     (answer.status_code, wire.message(answer)))
        checks.equal("B13", "update() with a wrong version", None, client.update(make("dog", "versioned", foo="b", version=5)))
        got = client.read("dog", "versioned")
        checks.equal("B13", "object unchanged", ("a", 1), (got.foo, got.version))
        got = client.update(make("dog", "versioned", foo="b", version=1))
        checks.equal("B13", "update() with the right version", ("b", 2), (got and got.foo, got and got.version))
        got = client.update(make("dog", "versioned", foo="c"))
        checks.equal("B13", "update() without a version", ("c", 3), (got and got.foo, got and got.version))


def _patch_and_select(client, checks):
    with checks.scenario("B14"):
        client.create(make("dog", "patched", name="Rex", foo="a"))
        got = client.update(make("dog", "patched", foo=None, name=None))
        checks.equal("B14", "null removes a custom member", False, "foo" in fields(got))
        checks.equal("B14", "null keeps a declared field", "Rex", got.name)
        got = client.read("dog", "patched")
        checks.equal("B14", "stored state", (False, "Rex"), ("foo" in fields(got), got.name))
    with checks.scenario("B15"):
        client.create(make("dog", "selected", name="Rex", foo="a"))
        for select in ("id,name", ["id", "name"]):
            got = client.getEntity(client.invokeGet("dog/selected", {"select": select}))
            checks.equal("B15", f"select={select}", {"id": "selected", "name": "Rex"}, got)
        got = client.getEntity(client.invokeGet("dog/selected", {"select": "id,foo,nosuch"}))
        checks.equal("B15", "a custom and an unknown member", {"id": "selected", "foo": "a"}, got)
