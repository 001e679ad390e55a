"""4.7 Links and children, and the link steps of D4."""
import wire
from apps import fixture, ids, make


def run(server, checks):
    app = server.new_app("links")
    client = app.client
    objects = fixture(app, checks)
    person = objects["c111"]
    _links(client, objects, checks)
    _second_links(client, person, checks)
    _children(client, person, checks)
    _edges(client, person, checks)
    with checks.scenario("D4"):
        word = objects["уникод"]
        checks.true("D4", "link of a UTF-8 id", client.link(word, "tag:test"), None)
        checks.equal("D4", "isLinked", True, client.isLinked(word, "tag", "tag:test"))
        checks.equal("D4", "countLinks", 1, client.countLinks(word, "tag"))
        client.unlink(word, "tag", "tag:test")
        checks.equal("D4", "linked after unlink", [], client.getLinkedObjects(word, "tag"))


def _links(client, objects, checks):
    person = objects["c111"]
    with checks.scenario("G1"):
        checks.equal("G1", "link to a tag", "sysprop:c111:tag:tag:test", client.link(person, "tag:test"))
        checks.equal("G1", "link to a person", "sysprop:c111:sysprop:c333", client.link(person, "c333"))
    with checks.scenario("G2"):
        checks.equal("G2", "isLinked to a tag", True, client.isLinked(person, "tag", "tag:test"))
        checks.equal("G2", "isLinkedToObject", True, client.isLinkedToObject(person, objects["c333"]))
        checks.equal("G2", "not linked", False, client.isLinkedToObject(person, objects["c222"]))
        texts = [client.invokeGet("sysprop/c111/links/sysprop/" + key).text for key in ("c333", "c222")]
        checks.equal("G2", "bare words, no newline", ["true", "false"], texts)
    with checks.scenario("G3"):
        checks.equal("G3", "linked tags", ["tag:test"], ids(client.getLinkedObjects(person, "tag")))
        checks.equal("G3", "linked persons (D39)", ["c333"], ids(client.getLinkedObjects(person, "sysprop")))
        checks.equal("G3", "seen from the other end (D39)", ["c111"],
                     ids(client.getLinkedObjects(objects["c333"], "sysprop")))
    with checks.scenario("G4"):
        checks.equal("G4", "countLinks", (1, 1), (client.countLinks(person, "tag"), client.countLinks(person, "sysprop")))
        answer = client.getEntity(client.invokeGet("sysprop/c111/links/tag", {"count": "true"}))
        checks.equal("G4", "no items", [], answer.get("items"))
    with checks.scenario("G5"):
        answer = client.invokeDelete("sysprop/c111/links")
        checks.equal("G5", "unlinkAll answers 200 and nothing", (200, ""), (answer.status_code, answer.text))
        checks.equal("G5", "no link left", [False, False],
                     [client.isLinked(person, "tag", "tag:test"), client.isLinked(person, "sysprop", "c333")])


def _contents(prefix, **members):
    return [make("sysprop", prefix + "1", text="hello from the other side", **members),
            make("sysprop", prefix + "2", text="hello kitty", **members),
            make("sysprop", prefix + "3", name="gordon", **members)]


def _second_links(client, person, checks):
    with checks.scenario("G6"):
        for made in client.createAll(_contents("secondLink")):
            client.link(person, made.id)
        got = ids(client.findLinkedObjects(person, "sysprop", "name", "*"))
        checks.equal("G6", "all linked objects", ["secondLink1", "secondLink2", "secondLink3"], sorted(got))
    with checks.scenario("G7"):
        for field, query, expected in (("name", "gord*", ["secondLink3"]), ("properties.text", "kitt*", ["secondLink2"]),
                                       ("properties.text", "hello", ["secondLink1", "secondLink2"])):
            got = ids(client.findLinkedObjects(person, "sysprop", field, query))
            checks.equal("G7", f"{field}: {query}", expected, sorted(got))


def _children(client, person, checks):
    with checks.scenario("G8"):
        client.createAll(_contents("child", parentid="c111"))
        every = ["child1", "child2", "child3"]
        checks.equal("G8", "getChildren", every, sorted(ids(client.getChildren(person, "sysprop", None, None))))
        checks.equal("G8", "findChildren *", every, sorted(ids(client.findChildren(person, "sysprop", "*"))))
        for query, expected in (("gord*", ["child3"]), ("kitt*", ["child2"]), ("hello", ["child1", "child2"])):
            checks.equal("G8", "findChildren " + query, expected, sorted(ids(client.findChildren(person, "sysprop", query))))
    with checks.scenario("G9"):
        checks.equal("G9", "countChildren (D40)", 3, client.countChildren(person, "sysprop"))
        checks.equal("G9", "children by name", ["child3"], ids(client.getChildren(person, "sysprop", "name", "gordon")))
    with checks.scenario("G10"):
        client.deleteChildren(person, "sysprop")
        checks.equal("G10", "children deleted (D38)", [], client.getChildren(person, "sysprop", None, None))
        checks.equal("G10", "stored children deleted", [], client.readAll(every))
        checks.equal("G10", "linked objects stay", 3, client.countLinks(person, "sysprop"))


def _edges(client, person, checks):
    with checks.scenario("G11"):
        for _ in range(2):
            answer = client.invokeDelete("sysprop/c111/links/sysprop/c333")
            checks.equal("G11", "unlink, repeated", (200, ""), (answer.status_code, answer.text))
    with checks.scenario("G12"):
        answer = client.invokePost("sysprop/c111/links/nope")
        checks.equal("G12", "link to a missing object", (400, "Failed to create link."),
                     (answer.status_code, wire.message(answer)))
        checks.equal("G12", "link() to a missing object", None, client.link(person, "nope"))
        answer = client.invokePost("sysprop/nope/links/c111")
        checks.equal("G12", "link from a missing object", (404, "Object not found: nope"),
                     (answer.status_code, wire.message(answer)))
