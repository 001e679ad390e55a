"""4.5 Lists and paging."""
from apps import fields, ids, make, pager


def run(server, checks):
    app = server.new_app("lists")
    client = app.client
    _short_list(client, checks)
    with checks.scenario("E3"):
        for start in (0, 100, 200):
            client.createAll([make("mouse", f"mouse{n:03}") for n in range(start, start + 100)])
        page = pager(limit=1000)
        checks.equal("E3", "items with limit=1000 of 300", 256, len(client.list("mouse", page)))
        checks.equal("E3", "totalHits", 300, page.count)
    _by_docid(client, checks)
    _sorted(client, checks)
    with checks.scenario("E9"):
        seen, page = [], pager(sortby="_docid", desc=False, limit=10)
        while (items := client.list("frog", page)):
            seen += ids(items)
            client.updateAll([make("frog", o.id, name="seen") for o in items])
            if len(seen) > 100:
                break
        checks.equal("E9", "every object once although each page was patched", _frogs(), seen)
        checks.equal("E9", "all patched", {"seen"}, {o.name for o in client.readAll(_frogs())})


def _frogs():
    return [f"frog{n:02}" for n in range(22)]


def _short_list(client, checks):
    with checks.scenario("E1"):
        client.createAll([make("cat", f"cat{n}") for n in range(3)])
        for name in ("cat", "cats"):
            page = pager()
            items = client.list(name, page)
            checks.equal("E1", name, (["cat"] * 3, 3), ([o.type for o in items], page.count))
            checks.true("E1", "lastKey is a text", isinstance(page.lastKey, str) and page.lastKey, page.lastKey)
    with checks.scenario("E2"):
        page = pager(limit=2)
        checks.equal("E2", "limit=2", (2, 3), (len(client.list("cat", page)), page.count))


def _pages(client, type_, **values):
    """The ids of each page, following lastKey until a page is empty."""
    pages, page = [], pager(sortby="_docid", limit=10, **values)
    while len(pages) < 10:
        items = client.list(type_, page)
        pages.append(ids(items))
        if not items:
            break
    return pages


def _by_docid(client, checks):
    with checks.scenario("E4"):
        for name in _frogs():  # one by one: creation order is the order expected back
            client.create(make("frog", name))
        pages = _pages(client, "frog", desc=False)
        checks.equal("E4", "page sizes", [10, 10, 2, 0], [len(p) for p in pages])
        checks.equal("E4", "creation order, no gap, no duplicate", _frogs(), sum(pages, []))
    with checks.scenario("E5"):
        pages = _pages(client, "frog", desc=True)
        checks.equal("E5", "page sizes", [10, 10, 2, 0], [len(p) for p in pages])
        checks.equal("E5", "reverse order", _frogs()[::-1], sum(pages, []))
    with checks.scenario("E6"):
        first = pager(sortby="_docid", desc=False, limit=10)
        client.list("frog", first)
        second = pager(sortby="_docid", desc=False, limit=10, page=2, lastKey=first.lastKey)
        checks.equal("E6", "page=2 ignores lastKey", _frogs()[10:20], ids(client.list("frog", second)))
    with checks.scenario("E8"):
        for select in (["id"], "id"):
            page = pager(sortby="_docid", desc=False, limit=10, select=select)
            answer = client.getEntity(client.invokeGet("frog", client.pagerToParams(page)))
            checks.equal("E8", f"only id with select={select}", [{"id": name} for name in _frogs()[:10]], answer["items"])
            checks.true("E8", "lastKey still there", isinstance(answer.get("lastKey"), str), answer.get("lastKey"))


def _sorted(client, checks):
    with checks.scenario("E7"):
        client.createAll([make("ox", "ox1", name="b", x=10), make("ox", "ox2", name="a", x=9),
                          make("ox", "ox3", name="c", x="text"), make("ox", "ox4", name="d")])
        got = client.list("ox", pager(sortby="name", desc=False))
        checks.equal("E7", "sort=name", ["ox2", "ox1", "ox3", "ox4"], ids(got))
        got = ids(client.list("ox", pager(sortby="properties.x", desc=False)))
        checks.equal("E7", "sort=properties.x loses nothing", ["ox1", "ox2", "ox3", "ox4"], sorted(got))
        checks.equal("E7", "numbers before text (D128)", ["ox2", "ox1", "ox3"], [k for k in got if k != "ox4"])
        checks.true("E7", "objects are complete", all(fields(o).get("type") == "ox" for o in client.list("ox")), got)
