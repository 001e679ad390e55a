"""The parts of 4.6 that need similarity and geographic search."""
from apps import SENTENCE_1, fixture, ids, make


def run(server, checks):
    app = server.new_app("near")
    client = app.client
    fixture(app, checks)
    with checks.scenario("F4"):
        checks.equal("F4", "nearby without type and q", [], client.findNearby(None, None, 100, 1.0, 1.0))
    with checks.scenario("F5"):
        checks.equal("F5", "sysprop near", ["c111"], ids(client.findNearby("sysprop", "*", 10, 40.60, -73.90)))
        checks.equal("F5", "tag near", ["tag:test"], ids(client.findNearby("tag", "*", 10, 40.62, -73.91)))
    with checks.scenario("F9"):
        checks.equal("F9", "no fields", [], client.findSimilar("tag", "", None, None))
        checks.equal("F9", "blank like", [], client.findSimilar("tag", "", [], ""))
    with checks.scenario("F10"):
        got = ids(client.findSimilar("sysprop", "s1", ["properties.text"], SENTENCE_1))
        checks.equal("F10", "most similar first, itself absent", ("s2", False), (got[0] if got else None, "s1" in got))
    with checks.scenario("Q12"):
        client.createAll([
            make("question", "q1", title="How to index text with a search engine"),
            make("question", "q2", title="How to index text with another search engine"),
            make("address", "q1:address", name="Place", address="NYC", country="US", latlng="40.67,-73.94", parentid="q1"),
        ])
        got = ids(client.findSimilar("question", "q1", ["properties.title"], "id:q1"))
        checks.equal("Q12", "like=id: excludes itself", False, "q1" in got)
        checks.equal("Q12", "question near its address", ["q1"], ids(client.findNearby("question", "*", 25, 40.7, -73.9)))
