"""4.6 Search. Similar and nearby searches are a section of their own."""
import json

import wire
from apps import fixture, ids, make, pager


def run(server, checks):
    app = server.new_app("search")
    client = app.client
    fixture(app, checks)
    _by_id(client, checks)
    _prefix_and_query(client, checks)
    _tags_and_wildcards(client, checks)
    _terms(client, checks)
    _counts(client, checks)
    _broken(client, checks)
    _other_app(server, client, checks)
    _application_queries(server, checks)


def _found(client, path, params=None):
    return ids(client.getItems(client.getEntity(client.invokeGet(path, params or {}))))


def _by_id(client, checks):
    with checks.scenario("F1"):
        checks.equal("F1", "findById(None)", None, client.findById(None))
        checks.equal("F1", "findById('')", None, client.findById(""))
        answer = client.invokeGet("search/id")
        checks.equal("F1", "search/id without id", (200, []), (answer.status_code, answer.json()["items"]))
    with checks.scenario("F2"):
        for key in ("c111", "tag:test"):
            got = client.findById(key)
            checks.equal("F2", "findById", key, got and got.id)
    with checks.scenario("F3"):
        checks.equal("F3", "findByIds", ["c111", "c222", "c333"], sorted(ids(client.findByIds(["c111", "c222", "c333"]))))
        checks.equal("F3", "findByIds of nothing", [], client.findByIds(None))


def _prefix_and_query(client, checks):
    with checks.scenario("F6"):
        checks.equal("F6", "no type, field null, blank prefix", [], client.findPrefix(None, None, ""))
        checks.equal("F6", "blank type, field null", [], client.findPrefix("", "null", "xx"))
        checks.equal("F6", "name starts with Ann", ["c333"], ids(client.findPrefix("sysprop", "name", "Ann")))
    with checks.scenario("F7"):
        checks.equal("F7", "no q finds everything", 9, len(client.findQuery(None, None)))
        checks.equal("F7", "* finds everything", 9, len(client.findQuery("", "*")))
        checks.equal("F7", "country:US", ["adr1", "adr2"], sorted(ids(client.findQuery("address", "country:US"))))
        checks.equal("F7", "Ann*", ["c333"], ids(client.findQuery("sysprop", "Ann*")))
        checks.equal("F7", "q= is an empty page (D48)", [], client.findQuery("sysprop", ""))
    with checks.scenario("F8"):
        page = pager()
        checks.equal("F8", "items and totalHits", 5, len(client.findQuery("sysprop", "*", page)))
        checks.equal("F8", "pager.count", 5, page.count)


def _tags_and_wildcards(client, checks):
    with checks.scenario("F11"):
        for tags, count in (([], 0), (["two"], 2), (["one", "two"], 1), (["three"], 3), (["four", "three"], 2),
                            (["five", "three"], 1)):
            checks.equal("F11", f"findTagged {tags}", count, len(client.findTagged("sysprop", tags)))
        checks.equal("F11", "findTagged of another type", [], client.findTagged("tag", ["four", "three"]))
    with checks.scenario("F12"):
        checks.equal("F12", "findTags(None)", ["tag:test"], ids(client.findTags(None)))
        checks.equal("F12", "findTags('unknown')", [], client.findTags("unknown"))
        checks.equal("F12", "findTags('test')", ["tag:test"], ids(client.findTags("test")))
    with checks.scenario("F17"):
        checks.equal("F17", "no type, field, wildcard", [], client.findWildcard(None, None, None))
        checks.equal("F17", "blank type, field, wildcard", [], client.findWildcard("", "", ""))
        checks.equal("F17", "name An*", ["c333"], ids(client.findWildcard("sysprop", "name", "An*")))


def _terms(client, checks):
    with checks.scenario("F13"):
        got = client.findTermInList("sysprop", "id", ["c111", "c222", "c333", "xxx", "yyy"])
        checks.equal("F13", "findTermInList", ["c111", "c222", "c333"], sorted(ids(got)))
    with checks.scenario("F14"):
        checks.equal("F14", "findTerms id", ["c111"], ids(client.findTerms("sysprop", {"id": "c111"})))
    with checks.scenario("F15"):
        checks.equal("F15", "blank value", [], client.findTerms(None, {"id": " "}))
        checks.equal("F15", "blank key", [], client.findTerms(None, {" ": "x"}))
        checks.equal("F15", "no terms", [], client.findTerms("sysprop", None))
        for term in (":", " : "):
            checks.equal("F15", f"terms={term!r}", [], _found(client, "sysprop/search/terms", {"terms": term}))
    with checks.scenario("F16"):
        checks.equal("F16", "type:sysprop", 5, len(client.findTerms("sysprop", {"type": "sysprop"})))
        checks.equal("F16", "name as stored", ["c333"], ids(client.findTerms("sysprop", {"name": "Ann Smith"})))
        checks.equal("F16", "name in lower case", [], client.findTerms("sysprop", {"name": "ann smith"}))


def _counts(client, checks):
    with checks.scenario("F18"):
        checks.equal("F18", "getCount of everything", 9, client.getCount(None))
        checks.equal("F18", "getCount('')", 9, client.getCount(""))
        checks.equal("F18", "getCount('test')", 0, client.getCount("test"))
        checks.equal("F18", "getCount('sysprop')", 5, client.getCount("sysprop"))
    with checks.scenario("F19"):
        checks.equal("F19", "count of no terms", 0, client.getCount("sysprop", None))
        checks.equal("F19", "count of a blank value", 0, client.getCount("sysprop", {"id": " "}))
        checks.equal("F19", "count of one id", 1, client.getCount("sysprop", {"id": "c111"}))
        checks.equal("F19", "count by type without type in the path", 5, client.getCount(None, {"type": "sysprop"}))
        answer = client.getEntity(client.invokeGet("search/terms", {"count": "true"}))
        checks.equal("F19", "count without terms", 0, answer["totalHits"])


def _broken(client, checks):
    with checks.scenario("F20"):
        for query in ('"unclosed', "AND", "a OR", "("):
            answer = client.invokeGet("search/default", {"q": query})
            checks.equal("F20", "status for q=" + query, 400, answer.status_code)
            checks.true("F20", "message for q=" + query,
                        (wire.message(answer) or "").startswith("Invalid query string syntax q="), answer.text)
            checks.equal("F20", "findQuery " + query, [], client.findQuery(None, query))


def _other_app(server, client, checks):
    with checks.scenario("F21"):
        keys = ids(client.createAll([make("sysprop"), make("sysprop")]))
        checks.equal("F21", "own objects", sorted(keys), sorted(ids(client.findByIds(keys))))
        checks.equal("F21", "the same ids from root", [], server.root.findByIds(keys))


def _application_queries(server, checks):
    """F22: what a question-and-answer application asks."""
    client = server.new_app("search-app").client
    space, other = "scooldspace:x:X", "scooldspace:y:Y"
    client.createAll([
        make("question", "q1", name="Java question", tags=["java", "sql"], creatorid="572:profile", answercount=0,
             space=space, title="How to index text", followers={"572": "jane@example.com"}),
        make("question", "q2", name="Go question", tags=["go"], creatorid="573:profile", answercount=2, answerid="r1",
             space=other, title="How to cook rice", parentid="p:1"),
        make("sticky", "st1", name="Sticky", space=space),
        make("reply", "r1", name="Reply", creatorid="572:profile", parentid="q2"),
        make("profile", "572:profile", name="Jane Doe", originalName="Jane", location="Paris", groups="admins",
             favtags=["a", "b"], favtagsEmailsEnabled=True, spaces=[space]),
        make("profile", "573:profile", name="Bob", originalName="Bob", groups="users", favtags=["c"],
             favtagsEmailsEnabled=False, spaces=[space, other]),
    ])
    for type_, query, expected in (
        ("question", "*", ["q1", "q2"]),
        (None, "type:(question)", ["q1", "q2"]),
        (None, "type:(question OR sticky)", ["q1", "q2", "st1"]),
        (None, f'type:(question OR unapprovedquestion) AND properties.space:"{space}"', ["q1"]),
        (None, "type:sticky OR type:reply", ["r1", "st1"]),
        ("question", f'properties.space:"{space}"', ["q1"]),
        ("question", f'(properties.space:"{space}" OR properties.space:"{other}")', ["q1", "q2"]),
        ("profile", f'properties.spaces:("{space}")', ["572:profile", "573:profile"]),
        ("profile", f'properties.spaces:(+"{space}" -"{other}")', ["572:profile"]),
        ("question", "properties.answerid:[* TO *]", ["q2"]),
        ("question", "properties.answercount:0", ["q1"]),
        ("question", "tags:(java OR go)", ["q1", "q2"]),
        ("question", "tags:(java AND sql)", ["q1"]),
        ("question", 'tags:"java" OR tags:"go"', ["q1", "q2"]),
        ("question", f'properties.space:"{space}" AND tags:jav*', ["q1"]),
        ("question", f'properties.space:"{space}" AND (index text)', ["q1"]),
        ("profile", "(name:(Jane) OR name:(jane* OR properties.originalName:Jane OR properties.originalName:jane* OR "
                    "Jane*) OR properties.location:(jane) OR properties.aboutme:(jane) OR properties.groups:(jane))",
         ["572:profile"]),
        ("profile", "properties.groups:(admins OR mods)", ["572:profile"]),
        ("profile", 'properties.favtags:("a" "b") AND properties.favtagsEmailsEnabled:true', ["572:profile"]),
        ("question", '"jane@example.com"', ["q1"]),
        (None, 'type:(reply) AND creatorid:("572:profile")', ["r1"]),
        ("question", 'parentid:"p:1" AND creatorid:"573:profile"', ["q2"]),
    ):
        with checks.scenario("F22"):
            checks.equal("F22", f"{type_} {query}", expected, sorted(ids(client.findQuery(type_, query))))
    with checks.scenario("F22"):
        answer = client.invokeGet("question/search/default", {"q": "*", "sort": "properties.answercount", "limit": 10000})
        checks.equal("F22", "sorted by a custom member, limit above the cap", ["q2", "q1"],
                     [o["id"] for o in json.loads(answer.text)["items"]])
