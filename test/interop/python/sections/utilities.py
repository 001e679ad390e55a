"""4.8 Utilities, intro, types."""
import datetime
import time

import wire
from apps import fixture


def run(server, checks):
    app = server.new_app("utils")
    client = app.client
    fixture(app, checks)
    with checks.scenario("H1"):
        texts = [client.invokeGet("utils/newid").text for _ in range(2)]
        checks.true("H1", "two different digit strings", texts[0] != texts[1] and all(t.isdigit() for t in texts), texts)
        checks.true("H1", "below 2^63", 0 < client.newId() < 2 ** 63, texts)
    with checks.scenario("H2"):
        got, now = client.getTimestamp(), time.time() * 1000
        checks.true("H2", "milliseconds of now", isinstance(got, int) and abs(got - now) < 60000, got)
    with checks.scenario("H3"):
        # The day may change between question and answer, and the server may keep another time zone.
        days = [datetime.datetime.now() + datetime.timedelta(hours=h) for h in (-14, 0, 14)]
        got = client.formatDate("MM dd yyyy", "en_US")
        checks.true("H3", "MM dd yyyy of today", got in [d.strftime("%m %d %Y") for d in days], got)
        got = client.getEntity(client.invokeGet("utils/formatdate", {"format": "M d yyyy", "locale": "US"}))
        checks.true("H3", "M d yyyy of today", got in [f"{d.month} {d.day} {d.year}" for d in days], got)
    with checks.scenario("H4"):
        checks.equal("H4", "noSpaces", "test123test", client.noSpaces(" test  123\t\ttest ", ""))
    with checks.scenario("H5"):
        checks.equal("H5", "stripAndTrim", "cool", client.stripAndTrim(" %^&*( cool )\t\t@!"))
    with checks.scenario("H6"):
        html = '<h1><a href="#hello-test" id="hello-test">hello <strong>test</strong></a></h1>\n'
        checks.equal("H6", "markdownToHtml", html, client.markdownToHtml("# hello **test**"))
        answer = client.invokeGet("utils/md2html", {"md": "# hello **test**"})
        checks.equal("H6", "content type", "text/html", answer.headers.get("Content-Type", "").split(";")[0])
    with checks.scenario("H7"):
        checks.equal("H7", "approximately", "15s", client.approximately(15000))
    with checks.scenario("H8"):
        answer = client.invokeGet("utils/nosuch")
        checks.equal("H8", "unknown method", (400, "Unknown method: nosuch"), (answer.status_code, wire.message(answer)))
    with checks.scenario("H9"):
        got = client.getServerVersion()
        checks.true("H9", "version starts with 1", isinstance(got, str) and got.startswith("1"), got)
    with checks.scenario("H10"):
        checks.equal("H10", "types() has users", "user", client.types().get("users"))
        checks.equal("H10", "typesCount() of sysprop", 5, client.typesCount().get("sysprop"))
