"""4.17 The requests of a real application: Scoold, a Q&A site whose only storage is Para.

Left out: the mails of Q2, which the application sends itself, and the delivery of Q17, which needs webhook deliveries.
"""
import json
import time

import wire
from apps import fields, ids, make, pager

SPACE = "scooldspace:mine:Mine"
HASH = "$2b$12$LiiVDO7m40RKBQMoXZ2BEO0i3I8tYbqOQM/0IE/c2Wtltd2gK/xmK"  # of NEW_PASSWORD
PASSWORD, NEW_PASSWORD = "secret123", "changed123"
ASYNC = {"X-Para-Respond-Immediately": "true"}


class Site:
    """The application: its app, its client, and what the flows leave behind for later ones."""

    def __init__(self, server, checks):
        self.server, self.checks = server, checks
        self.app = self.client = self.user = None

    def bearer(self):
        """A client with an app token, for repeated parameters whose first value has a colon: the client signs those wrongly."""
        made = self.server.client(self.app.id, None)
        made.setAccessToken(wire.token(self.app.keys, int(time.time())))
        return made

    def sign_in(self, email, password):
        """The answer to a sign-in of an existing user."""
        return self.client.invokePost("/jwt_auth", json.dumps(
            {"appid": self.app.id, "provider": "password", "token": f"{email}::{password}"}))

    def items(self, path, **params):
        """The items of a list or search."""
        return self.client.getItems(self.client.getEntity(self.client.invokeGet(path, params)))

    def total(self, path, **params):
        """The number of hits of a search."""
        return self.client.getEntity(self.client.invokeGet(path, params))["totalHits"]


def run(server, checks):
    site = Site(server, checks)
    for flow in (_first_start, _register, _profile, _session, _ask, _answer, _comment, _vote, _edit, _tags, _spaces, _similar,
                 _people, _reset, _change_email, _delete_question, _event, _backup, _statistics):
        flow(site)


def _settings():
    """87 settings as the application writes them: 21 of them null."""
    made = {"security.allow_unverified_emails": False, "session_timeout": 86400, "security.one_session_per_user": True,
            "signin_success": "http://localhost:8000/signin/success?jwt=id", "gp_app_id": "", "app_secret_key": "k" * 40}
    for alias in ("", "second", "third"):
        for name in ("id", "name", "given_name", "family_name", "email", "picture"):
            made[f"security.oauth{alias}.parameters.{name}"] = None
        made[f"security.oauth{alias}.domain"] = None
        made[f"security.oauth{alias}.scope"] = "openid email profile"
    made.update({f"security.ldap.setting{n}": "" for n in range(87 - len(made))})
    return made


def _first_start(site):
    checks, root = site.checks, site.server.root
    with checks.scenario("Q1"):
        checks.true("Q1", "getTimestamp() of root", root.getTimestamp() > 0, root.getTimestamp())
        checks.true("Q1", "apps are counted", root.getCount("app") >= 1, root.getCount("app"))
        checks.equal("Q1", "the app is not there yet", 404, root.invokeGet("_id/app%3Ainterop-no-scoold").status_code)
    site.app = site.server.new_app("scoold")
    client = site.client = site.app.client
    with checks.scenario("Q1"):
        wanted = _settings()
        checks.equal("Q1", "settings", (87, 21), (len(wanted), list(wanted.values()).count(None)))
        answer = client.invokePut("_settings", json.dumps(wanted))
        checks.equal("Q1", "PUT _settings", (200, ""), (answer.status_code, answer.text))
        checks.equal("Q1", "66 settings are left", {k: v for k, v in wanted.items() if v is not None}, client.appSettings())
        checks.true("Q1", "getTimestamp()", client.getTimestamp() > 0, client.getTimestamp())
        checks.equal("Q1", "no users yet", 0, site.total("user/search/count", type="user"))
        for key in ("theme%3Acustom", "api_keys", "language%3Aen", "template%3Aabout"):
            checks.equal("Q1", "absent " + key, 404, client.invokeGet("_id/" + key).status_code)
        checks.equal("Q1", "no spaces", [], client.findQuery("scooldspace", "*"))
        answer = site.bearer().invokeGet("_batch", {"ids": [f"email-alerts:new_{k}_subscribers" for k in ("post", "reply")]})
        checks.equal("Q1", "no subscribers", (200, []), (answer.status_code, answer.json()))


def _register(site):
    checks, client = site.checks, site.client
    with checks.scenario("Q2"):
        body = {"appid": site.app.id, "provider": "password", "token": f"jane@example.com:Jane:{PASSWORD}"}
        checks.equal("Q2", "sign-up before the address is verified", 400,
                     client.invokePost("/jwt_auth", json.dumps(body)).status_code)
        identity = client.read(None, "jane@example.com")
        site.user = client.read("user", identity.creatorid)
        checks.equal("Q2", "inactive user", ("Jane", "jane@example.com", False),
                     (site.user.name, *(fields(site.user).get(m) for m in ("email", "active"))))
        checks.true("Q2", "bcrypt hash", fields(identity).get("password", "").startswith("$2"), fields(identity))
        now = int(time.time() * 1000)
        client.invokePatch("sysprop/jane%40example.com", json.dumps({"etoken": "e-token", "confirmationTimestamp": now}))
        checks.equal("Q2", "still no sign-in", 400, site.sign_in("jane@example.com", PASSWORD).status_code)
        after = fields(client.read(None, "jane@example.com"))
        checks.equal("Q2", "own members are kept", ("e-token", now, identity.password),
                     tuple(after.get(m) for m in ("etoken", "confirmationTimestamp", "password")))
        checks.true("Q2", "updated is set", after.get("updated", 0) >= now - 60000, after)
        patched = client.getEntity(client.invokePatch("user/" + site.user.id, '{"active":true}'))
        checks.equal("Q2", "activated", True, patched.get("active"))
        answer = site.sign_in("jane@example.com", PASSWORD)
        checks.equal("Q2", "sign-in", (200, site.user.id), (answer.status_code, answer.json().get("user", {}).get("id")))


def _profile(site):
    checks, client, uid = site.checks, site.client, site.user.id
    with checks.scenario("Q3"):
        made = client.create(make("profile", uid + ":profile", creatorid=uid, name="Jane", originalName="Jane", groups="admins",
                                  location="Berlin", aboutme="I like SQL", badges="", spaces=[SPACE], favtags=["java", "sql"],
                                  favtagsEmailsEnabled=True, customBadges=[], pendingEmail=None))
        checks.equal("Q3", "profile", (uid + ":profile", uid), (made.id, made.creatorid))
        both = client.readAll([uid, uid + ":profile"])
        checks.equal("Q3", "user first, profile second", [("user", uid), ("profile", uid + ":profile")],
                     [(o.type, o.id) for o in both])
        checks.equal("Q3", "spaces", [SPACE], fields(both[1]).get("spaces"))


def _session(site):
    checks = site.checks
    with checks.scenario("Q4"):
        first, second = site.server.client(site.app.id, None), site.server.client(site.app.id, None)
        user = first.signIn("password", f"jane@example.com::{PASSWORD}")
        checks.equal("Q4", "me() without any grant", user.id, first.me().id)
        second.signIn("password", f"jane@example.com::{PASSWORD}")
        checks.equal("Q4", "signed in elsewhere", None, first.me())
        checks.equal("Q4", "the second session", user.id, second.me().id)
        checks.equal("Q4", "revokeAllTokens()", True, second.revokeAllTokens())
        checks.equal("Q4", "signed out", None, second.me())


def _ask(site):
    checks, client, uid = site.checks, site.client, site.user.id
    with checks.scenario("Q5"):
        answer = site.bearer().invokeGet("_batch", {"ids": ["tag:java", "tag:sql"]})
        checks.equal("Q5", "no tags yet", (200, []), (answer.status_code, answer.json()))
        made = client.createAll([make("tag", "tag:" + name, tag=name, count=1) for name in ("java", "sql")])
        checks.equal("Q5", "tags", [("tag:java", 1), ("tag:sql", 1)], [(o.id, o.count) for o in made])
        checks.equal("Q5", "tags read", ids(made), ids(site.bearer().readAll(["tag:java", "tag:sql"])))
        answer = client.invokePost("question", json.dumps({
            "title": "How to join tables", "body": "Some **markdown**", "tags": ["java", "sql"], "creatorid": uid + ":profile",
            "space": SPACE, "followers": {uid: "jane@example.com"}, "answercount": 0, "viewcount": 0, "location": None,
            "lastactivity": int(time.time() * 1000)}))
        site.question = answer.json().get("id")
        checks.equal("Q5", "question", (201, "question", uid + ":profile"),
                     (answer.status_code, answer.json().get("type"), answer.json().get("creatorid")))
        for q in (f'properties.space:"{SPACE}"', f'(properties.space:"x" OR properties.space:"{SPACE}")', "tags:(java AND sql)",
                  'tags:"java" OR tags:"none"', "tags:sq*", '"jane@example.com"', "properties.answercount:0", "join"):
            checks.equal("Q5", "found at once by " + q, [site.question], ids(client.findQuery("question", q)))
        for q in ("type:(question)", "type:(question OR sticky)", "type:question OR type:unapprovedreply",
                  f'type:(question OR unapprovedquestion) AND properties.space:"{SPACE}"'):
            checks.equal("Q5", "found without type by " + q, [site.question], ids(client.findQuery(None, q)))
        answer = client.invokeGet("question/search/default", {"q": 'bad "quote'})
        checks.true("Q5", "bad syntax", answer.status_code == 400 and
                    wire.message(answer).startswith("Invalid query string syntax q="), answer.text)


def _answer(site):
    checks, client, uid = site.checks, site.client, site.user.id
    with checks.scenario("Q6"):
        replies = [client.create(make("reply", None, body=f"Answer {n}", parentid=site.question, creatorid=uid + ":profile",
                                      votes=n, name="R")) for n in range(3)]
        site.replies = ids(replies)
        patched = client.updateAll([make("reply", site.replies[0], body="Better"), make("question", site.question, viewcount=7)])
        checks.equal("Q6", "batch of two types", [site.replies[0], site.question], ids(patched))
        got = site.items(f"question/{site.question}/links/reply", childrenonly="true", sort="votes")
        checks.equal("Q6", "children by votes", site.replies[::-1], ids(got))
        client.invokePatch("question/" + site.question, json.dumps({"answerid": site.replies[0], "answercount": 1}))
        checks.equal("Q6", "no longer unanswered", [], client.findQuery("question", "properties.answercount:0"))
        checks.equal("Q6", "has an answer", [site.question], ids(client.findQuery("question", "properties.answerid:[* TO *]")))
        checks.equal("Q6", "answers of the author", sorted(site.replies),
                     sorted(ids(client.findQuery(None, f'type:(reply) AND creatorid:("{uid}:profile")'))))


def _comment(site):
    checks, client, uid = site.checks, site.client, site.user.id
    with checks.scenario("Q7"):
        parent = {"terms": "parentid:" + site.question, "count": "true"}
        checks.equal("Q7", "none yet", 0, site.total("comment/search/terms", **parent))
        site.comment = client.create(make("comment", None, comment="Nice", parentid=site.question, creatorid=uid + ":profile")).id
        checks.equal("Q7", "one", 1, site.total("comment/search/terms", **parent))
        post = make("question", site.question)
        page = pager(sortby="timestamp", desc=False, limit=5)
        checks.equal("Q7", "of others", [], client.findChildren(post, "comment", f'!(creatorid:"{uid}:profile")', page))
        checks.equal("Q7", "of all", [site.comment], ids(client.findChildren(post, "comment", "*", page)))


def _vote(site):
    checks, client = site.checks, site.client
    voter, path = "4711", "question/" + site.question
    with checks.scenario("Q8"):
        windows = {"_vote_expires_after": 600, "_vote_locked_after": 600}
        before = client.read("question", site.question).votes
        checks.equal("Q8", "up", "true", client.invokePatch(path, json.dumps({"_voteup": voter, **windows})).text)
        votes = client.readAll([f"vote:{voter}:{site.question}"])
        checks.equal("Q8", "vote record", [("up", 600, 600)],
                     [tuple(fields(v).get(m) for m in ("value", "expiresAfter", "lockedAfter")) for v in votes])
        checks.equal("Q8", "votes", before + 1, client.read("question", site.question).votes)
        checks.equal("Q8", "undone", "true", client.invokePatch(path, json.dumps({"_votedown": voter, **windows})).text)
        checks.equal("Q8", "votes back", before, client.read("question", site.question).votes)


def _edit(site):
    checks, client, uid = site.checks, site.client, site.user.id
    with checks.scenario("Q9"):
        client.create(make("revision", "rev1", parentid=site.question, creatorid=uid + ":profile", original=True,
                           title="How to join tables", body="Some **markdown**"))
        whole = {**fields(client.read("question", site.question)), "title": "How to join two tables", "tagsString": "java,sql",
                 "closed": False, "location": None, "deletereportid": None, "author": None}
        answer = client.invokePatch("question/" + site.question, json.dumps(whole))
        checks.equal("Q9", "edited", (200, "How to join two tables"), (answer.status_code, answer.json().get("title")))
        after = fields(client.read("question", site.question))
        checks.equal("Q9", "followers unchanged", {uid: "jane@example.com"}, after.get("followers"))
        checks.equal("Q9", "derived members are stored", ("java,sql", False), (after.get("tagsString"), after.get("closed")))
        checks.equal("Q9", "still found", [site.question], ids(client.findQuery("question", '"jane@example.com"')))


def _tags(site):
    checks, client = site.checks, site.client
    with checks.scenario("Q10"):
        checks.equal("Q10", "completion", ["tag:java"], ids(client.findTags("ja")))
        client.createAll([make("question", f"tagged{n}", title="T", tags=["java"]) for n in range(5)])
        tagged, page = [], pager(sortby="_docid", desc=False, limit=2)
        while items := client.findTagged("question", ["java"], page):
            tagged += items
        checks.equal("Q10", "all of the tag", 6, len({o.id for o in tagged}))
        changes = [{"id": o.id, "tags": [t if t != "java" else "jvm" for t in o.tags]} for o in tagged]
        changes.append({"id": "no-such-question", "tags": ["jvm"]})
        checks.equal("Q10", "patched, absent ones skipped", 6,
                     len(client.getEntity(client.invokePatch("_batch", json.dumps(changes)))))
        client.create(make("tag", "tag:jvm", tag="jvm", count=6))
        client.delete(make("tag", "tag:java"))
        checks.equal("Q10", "old and new", [0, 6], [len(client.findTagged("question", [t])) for t in ("java", "jvm")])
        checks.equal("Q10", "the second tag is kept", [site.question], ids(client.findTagged("question", ["jvm", "sql"])))


def _spaces(site):
    checks, client, uid = site.checks, site.client, site.user.id
    new = "scooldspace:mine:Ours"
    with checks.scenario("Q11"):
        checks.equal("Q11", "who is in the space", [uid + ":profile"],
                     ids(client.findQuery("profile", f'properties.spaces:("{SPACE}")')))
        checks.equal("Q11", "with and without", [[uid + ":profile"], []],
                     [ids(client.findQuery("profile", f'properties.spaces:(+"{SPACE}" {sign}"other")')) for sign in "-+"])
        client.invokePatch("_batch", json.dumps([{"id": uid + ":profile", "spaces": [new]}]))
        posts = ids(client.findQuery(None, f'properties.space:("{SPACE}")'))
        client.invokePatch("_batch", json.dumps([{"id": key, "space": new} for key in posts]))
        for old, now, found in (("spaces", SPACE, []), ("spaces", new, [uid + ":profile"]),
                                ("space", SPACE, []), ("space", new, [site.question])):
            checks.equal("Q11", f"{old} {now}", found, ids(client.findQuery(None, f'properties.{old}:("{now}")')))


def _similar(site):
    checks, client = site.checks, site.client
    with checks.scenario("Q12"):
        other = client.create(make("question", "joins", title="How to join two tables of one database", body="Some markdown",
                                   tags=["sql", "jvm"]))
        names = ["properties.title", "properties.body", "properties.tags"]
        for like in ("id:" + site.question, "How to join two tables"):
            got = ids(site.bearer().findSimilar("question", site.question, names, like))
            checks.equal("Q12", "similar to " + like, (True, False), (other.id in got, site.question in got))
        client.create(make("address", site.question + ":address", name="Place", address="NYC", country="US",
                           latlng="40.67,-73.94", parentid=site.question))
        for lat, found in ((40.7, [site.question]), (41.7, [])):
            checks.equal("Q12", f"within 25 km of {lat}", found, ids(client.findNearby("question", "*", 25, lat, -73.9)))


def _people(site):
    checks, client, uid = site.checks, site.client, site.user.id
    with checks.scenario("Q13"):
        for word, found in (("Jane", [uid + ":profile"]), ("Zoe", [])):
            q = (f"(name:({word}) OR name:({word.lower()}* OR properties.originalName:{word} OR "
                 f"properties.originalName:{word.lower()}* OR {word}*) OR properties.location:({word.lower()}) OR "
                 f"properties.aboutme:({word.lower()}) OR properties.groups:({word.lower()}))")
            checks.equal("Q13", "people called " + word, found, ids(client.findQuery("profile", q)))
        for q, found in (("properties.groups:(admins OR mods)", 1), ("properties.groups:(mods)", 0),
                         ('properties.favtags:("java" "go") AND properties.favtagsEmailsEnabled:true', 1)):
            checks.equal("Q13", q, found, len(client.findQuery("profile", q)))


def _reset(site):
    checks, client = site.checks, site.client
    path = "sysprop/jane%40example.com"
    with checks.scenario("Q14"):
        client.invokePatch(path, json.dumps({"token": "r-token", "iforgotTimestamp": int(time.time() * 1000)}))
        checks.equal("Q14", "token kept", "r-token", fields(client.read(None, "jane@example.com")).get("token"))
        checks.equal("Q14", "the old password still counts", 200, site.sign_in("jane@example.com", PASSWORD).status_code)
        client.invokePatch(path, json.dumps({"token": "", "password": HASH}))
        checks.equal("Q14", "token cleared", "", fields(client.read(None, "jane@example.com")).get("token"))
        codes = [site.sign_in("jane@example.com", word).status_code for word in (NEW_PASSWORD, PASSWORD)]
        checks.equal("Q14", "new and old password", [200, 400], codes)


def _change_email(site):
    checks, client, uid = site.checks, site.client, site.user.id
    with checks.scenario("Q15"):
        old = client.read("sysprop", "jane@example.com")
        client.create(make("sysprop", "jane@example.org", name="identifier", creatorid=uid, password=old.password))
        client.delete(old)
        answer = client.invokePatch("user/" + uid, json.dumps({"email": "jane@example.org", "identifier": "jane@example.org"}))
        checks.equal("Q15", "user patched", "jane@example.org", answer.json().get("email"))
        answer = site.sign_in("jane@example.org", NEW_PASSWORD)
        checks.equal("Q15", "new address", (200, uid), (answer.status_code, answer.json().get("user", {}).get("id")))
        checks.equal("Q15", "old address", 400, site.sign_in("jane@example.com", NEW_PASSWORD).status_code)


def _delete_question(site):
    checks, client = site.checks, site.client
    with checks.scenario("Q16"):
        post = make("question", site.question)
        children = [o.id for type_ in ("comment", "revision", "reply") for o in client.getChildren(post, type_, None, None)]
        checks.equal("Q16", "children", sorted([site.comment, "rev1", *site.replies]), sorted(children))
        checks.equal("Q16", "DELETE _batch", 200, client.invokeDelete("_batch", {"ids": children}).status_code)
        checks.equal("Q16", "DELETE", 200, client.invokeDelete("question/" + site.question).status_code)
        checks.equal("Q16", "none readable", [], client.readAll([site.question, *children]))
        checks.equal("Q16", "none found", 0, client.getCount("reply"))


def _event(site):
    checks, client = site.checks, site.client
    with checks.scenario("Q17"):
        answer = client.invokePost("webhook", json.dumps({
            "triggeredEvent": "config.update", "customPayload": {"a": 1}, "targetUrl": "https://para", "secret": "{{secretKey}}",
            "repeatedDeliveryAttempts": 3}))
        checks.equal("Q17", "answer", (201, "triggered:config.update"), (answer.status_code, answer.json().get("id")))
        checks.equal("Q17", "nothing stored", (None, 0), (client.read(None, "triggered:config.update"), client.getCount("webhook")))


def _everything(client, **options):
    seen, page = [], pager(sortby="_docid", desc=False, limit=100, **options)
    while items := client.findQuery(None, "*", page):
        seen += items
    return seen


def _backup(site):
    checks, client = site.checks, site.client
    with checks.scenario("Q18"):
        client.createAll([make("question", f"many{n}", title=f"Question {n}", votes=n) for n in range(300)])
        saved = _everything(client)
        counts = client.typesCount()
        checks.equal("Q18", "everything once", sum(counts.values()), len({o.id for o in saved}))
        keys = ids(_everything(client, select=["id"]))
        checks.equal("Q18", "the same ids with select", ids(saved), keys)
        for start in range(0, len(keys), 100):
            answer = site.bearer().invokeDelete("_batch", {"ids": keys[start:start + 100]})
            checks.equal("Q18", "DELETE _batch", 200, answer.status_code)
        checks.equal("Q18", "all deleted", {}, {t: n for t, n in client.typesCount().items() if n})
        objects = [fields(o) for o in saved]
        for start in range(0, len(objects), 100):
            answer = wire.signed(site.server.endpoint, site.app.keys, "POST", "/v1/_batch", body=objects[start:start + 100],
                                 headers=ASYNC)
            checks.equal("Q18", "answer to a batch", (200, ""), (answer.status_code, answer.text))
        deadline = time.time() + 30
        while client.typesCount() != counts and time.time() < deadline:
            time.sleep(0.1)
        checks.equal("Q18", "counts equal", counts, client.typesCount())
        restored = {o.id: o for o in _everything(client)}
        for member in ("type", "timestamp", "name", "tags", "votes", "title", "creatorid", "password"):
            checks.equal("Q18", member + " restored", [o.get(member) for o in objects],
                         [fields(restored.get(o["id"])).get(member) for o in objects])
        answer = site.sign_in("jane@example.org", NEW_PASSWORD)
        checks.equal("Q18", "the user signs in", 200, answer.status_code)


def _statistics(site):
    checks, client = site.checks, site.client
    with checks.scenario("Q19"):
        counts = client.typesCount()
        checks.equal("Q19", "whole numbers", {int}, {type(n) for n in counts.values()})
        checks.equal("Q19", "questions", client.getCount("question"), counts.get("question"))
        checks.true("Q19", "version", client.getServerVersion().startswith("1"), client.getServerVersion())
        answer = wire.signed(site.server.endpoint, site.app.keys, "POST", "/v1/_reindex", headers=ASYNC)
        checks.equal("Q19", "POST _reindex", (200, ""), (answer.status_code, answer.text))
        checks.equal("Q19", "searches meanwhile", 300, len(client.findQuery("question", "Question", pager(limit=256))) + 44)
