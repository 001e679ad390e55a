"""4.4 Unusual ids and types. The link and vote steps of D4 run with 4.7 and 4.9."""
from apps import fields, fixture, ids, make


def run(server, checks):
    app = server.new_app("ids")
    client = app.client
    fixture(app, checks)
    with checks.scenario("D1"):
        _round_trip(client, checks, "D1", "test123file.txt", "type?=-+^><_|'", "type?=-+^><_|'")
    with checks.scenario("D2"):
        _round_trip(client, checks, "D2", "file.txt-^><±_|'", "___ type 123  +__", " type 123  +__")
    with checks.scenario("D3"):
        two = [make("type?=-+^><_|'", "test123file.txt", name="one"), make(" type 123  +__", "file.txt-^><±_|'", name="two")]
        keys = ids(two)
        checks.equal("D3", "createAll in order", keys, ids(client.createAll(two)))
        got = client.readAll(keys)
        checks.equal("D3", "readAll in order", [(o.id, o.type, o.name) for o in two], [(o.id, o.type, o.name) for o in got])
        client.deleteAll(keys)
        checks.equal("D3", "none left", [], client.readAll(keys))
    with checks.scenario("D4"):
        got = client.read(None, "уникод")
        checks.equal("D4", "read by id", ("уникод", "тип"), (got.id, got.type))
        checks.equal("D4", "read by type and id", fields(got), fields(client.read("тип", "уникод")))
        checks.equal("D4", "update", "текст", client.update(make("тип", "уникод", text="текст")).text)
        checks.equal("D4", "stored text", "текст", client.read("тип", "уникод").text)
        client.delete(got)
        checks.equal("D4", "read after delete", None, client.read(None, "уникод"))
    with checks.scenario("D5"):
        odd = "x'(1)*!~"
        checks.equal("D5", "created", odd, client.create(make("cat", odd)).id)
        checks.equal("D5", "read by id", odd, client.read(None, odd).id)
        plain = client.getEntity(client.invokeGet("_id/x'(1)*!~"))
        checks.equal("D5", "read with the same id unencoded", odd, plain and plain["id"])
    with checks.scenario("D6"):
        made = client.create(make("cat", "a/b", name="slash"))
        checks.equal("D6", "created", "a/b", made and made.id)
        got = client.read(None, "a/b")
        checks.equal("D6", "read by id", "slash", got and got.name)
        got = client.read("cat", "a/b")
        checks.equal("D6", "read by type and id", "slash", got and got.name)
        checks.equal("D6", "readAll", ["a/b"], ids(client.readAll(["a/b"])))


def _round_trip(client, checks, scenario, key, sent_type, stored_type):
    made = client.create(make(sent_type, key, foo="bar"))
    checks.equal(scenario, "created", (key, stored_type), (made.id, made.type))
    got = client.read(None, key)
    checks.equal(scenario, "read by id", (key, stored_type, "bar"), (got.id, got.type, got.foo))
    checks.equal(scenario, "read by type and id", fields(got), fields(client.read(made.type, key)))
    got.name = "new name"
    got = client.update(got)
    checks.equal(scenario, "update", ("new name", stored_type), (got.name, got.type))
    checks.equal(scenario, "stored name", "new name", client.read(None, key).name)
    client.delete(got)
    checks.equal(scenario, "read after delete", None, client.read(None, key))
