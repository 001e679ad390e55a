"""4.9 Constraints and votes, C7 of 4.3 and the vote steps of D4."""
import json
import time

import wire
from apps import fields, fixture, make
from paraclient import Constraint

FAR = 99999999999999  # a time in the year 5138, in milliseconds

# kind, violating value, satisfying value, message
KINDS = [
    (Constraint.required(), "", "x", "f is required."),
    (Constraint.min(3), 2, 3, "f must be a number larger than 3."),
    (Constraint.max(3), 4, 3, "f must be a number smaller than 3."),
    (Constraint.size(2, 3), "abcd", "abc", "f must be between 2 and 3."),
    (Constraint.digits(2, 1), "123", "12.5", "f is not a valid number or within range."),
    (Constraint.pattern("^[a-z]+$"), "ABC", "abc", "f doesn't match the pattern ^[a-z]+$."),
    (Constraint.email(), "abc", "a@b.co", "f is not a valid email."),
    (Constraint.url(), "a.co", "http://a.co", "f is not a valid URL."),
    (Constraint.truthy(), False, True, "f must be true."),
    (Constraint.falsy(), True, False, "f must be false."),
    (Constraint.future(), 1, FAR, "f must be in the future."),
    (Constraint.past(), FAR, 1, "f must be in the past."),
]


def run(server, checks):
    app = server.new_app("votes")
    client = app.client
    objects = fixture(app, checks)
    _constraints(client, checks)
    _every_kind(client, checks)
    _votes(client, objects, checks)


def _constraints(client, checks):
    with checks.scenario("I1"):
        got = client.validationConstraints()
        checks.equal("I1", "has app and user", (True, True), ("app" in got, "user" in got))
    with checks.scenario("I2"):
        checks.equal("I2", "only app", ["app"], list(client.validationConstraints("app")))
    with checks.scenario("I3"):
        got = client.addValidationConstraint("kitten", "paws", Constraint.required())
        checks.equal("I3", "answer of adding", True, "paws" in (got or {}).get("kitten", {}))
        got = client.validationConstraints("kitten")
        checks.equal("I3", "kitten.paws.required", {"required": {"message": "messages.required"}},
                     got.get("kitten", {}).get("paws"))
    felix = make("kitten", "felix")
    with checks.scenario("I4"):
        checks.equal("I4", "create() without paws", None, client.create(felix))
        answer = client.invokePut("kitten/felix", felix.jsonSerialize())
        checks.equal("I4", "refusal", (400, "paws is required."), (answer.status_code, wire.message(answer)))
    with checks.scenario("I5"):
        felix.paws = "4"
        checks.equal("I5", "create() with paws", "4", fields(client.create(felix)).get("paws"))
    with checks.scenario("I6"):
        client.removeValidationConstraint("kitten", "paws", "required")
        checks.equal("I6", "none left", {}, client.validationConstraints("kitten"))
    with checks.scenario("C7"):
        articles = client.createAll([make("article", text="a b c") for _ in range(2)])
        client.addValidationConstraint("article", "text", Constraint.required())
        bad = [make("article", o.id, text="") for o in articles]
        checks.equal("C7", "updateAll of invalid objects", [], client.updateAll(bad))
        answer = client.invokePatch("_batch", json.dumps([o.__dict__ for o in bad]))
        checks.equal("C7", "status and body", (200, []), (answer.status_code, answer.json()))
        checks.equal("C7", "text kept", ["a b c"] * 2, [o.text for o in client.readAll([o.id for o in articles])])


def _every_kind(client, checks):
    for kind, bad, good, text in KINDS:
        with checks.scenario("I13"):
            type_ = "kind" + kind.name
            # This client nests the parameters one level too deep; they must count all the same (D42).
            got = client.addValidationConstraint(type_, "f", kind)
            checks.equal("I13", kind.name + " stored", True, kind.name in (got or {}).get(type_, {}).get("f", {}))
            answer = client.invokePost(type_, json.dumps({"f": bad}))
            checks.equal("I13", f"{kind.name}: {bad!r}", (400, text), (answer.status_code, wire.message(answer)))
            answer = client.invokePost(type_, json.dumps({"f": good}))
            checks.equal("I13", f"{kind.name}: {good!r}", 201, answer.status_code)


def _votes(client, objects, checks):
    felix = make("kitten", "felix")
    with checks.scenario("I7"):
        checks.equal("I7", "voteUp", True, client.voteUp(felix, "c111"))
        checks.equal("I7", "votes", 1, client.read("kitten", "felix").votes)
    with checks.scenario("I8"):
        checks.equal("I8", "voteUp again", False, client.voteUp(felix, "c111"))
    with checks.scenario("I9"):
        checks.equal("I9", "voteDown", True, client.voteDown(felix, "c111"))
        checks.equal("I9", "votes", 0, client.read("kitten", "felix").votes)
        checks.equal("I9", "voteDown twice", [True, False], [client.voteDown(felix, "c111") for _ in range(2)])
        checks.equal("I9", "votes", -1, client.read("kitten", "felix").votes)
        texts = [client.invokePatch("kitten/felix", json.dumps({"_votedown": key})).text for key in ("c222", "c222")]
        checks.equal("I9", "bare words", ["true", "false"], texts)
    with checks.scenario("I10"):
        vote = client.read("vote", "vote:c111:felix")
        checks.equal("I10", "vote record", "down", fields(vote).get("value"))
        checks.equal("I10", "deleting it", 200, client.invokeDelete("vote/vote%3Ac111%3Afelix").status_code)
    with checks.scenario("I11"):
        own = client.create(make("kitten", "own", creatorid="c111"))
        checks.equal("I11", "creator and object vote", [False, False],
                     [client.voteUp(own, "c111"), client.voteUp(own, "own")])
    with checks.scenario("I12"):
        for voter, expires, locked in (("c222", 10, 20), ("c333", 10, None), ("s1", None, 20)):
            client.create(make("kitten", "timed"))
            body = {"_voteup": voter, "_vote_expires_after": expires, "_vote_locked_after": locked}
            checks.equal("I12", f"vote with {body}", "true", client.invokePatch("kitten/timed", json.dumps(body)).text)
            vote = client.read("vote", f"vote:{voter}:timed")
            wanted = {k: v for k, v in (("expiresAfter", expires), ("lockedAfter", locked)) if v is not None}
            checks.equal("I12", f"windows stored for {body}", wanted, {k: fields(vote).get(k) for k in wanted})
    with checks.scenario("D4"):
        word = objects["уникод"]
        checks.equal("D4", "vote on a UTF-8 id", True, client.voteUp(word, "c222"))
        checks.equal("D4", "votes", 1, client.read(None, word.id).votes)
        checks.true("D4", "vote record has a time", fields(client.read(None, f"vote:c222:{word.id}")).get("timestamp", 0) >
                    (time.time() - 600) * 1000, None)
