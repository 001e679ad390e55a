"""4.16 Concurrency. P6 (killing the server) is a test of its own."""
import json
from concurrent.futures import ThreadPoolExecutor

from apps import fields, ids, make

WORKERS = 20


def run(server, checks):
    app = server.new_app("parallel")
    with ThreadPoolExecutor(WORKERS) as pool:
        _batches(app, pool, checks)
        _types(app, pool, checks)
        _settings(app, pool, checks)
        _votes(app, pool, checks)
        _mix(app, pool, checks)


def _client(app):
    return app.server.client(*app.keys)


def _batches(app, pool, checks):
    with checks.scenario("P1"):
        body = json.dumps([{"id": None, "type": "cat", "name": None, "tags": None, "foo": "bar", "parentid": None,
                            "creatorid": None, "updated": None, "votes": 0, "version": 0}] * 1000)
        answers = list(pool.map(lambda _: _client(app).invokePost("_batch", body), range(20)))
        checks.equal("P1", "all batches stored", [200] * 20, [a.status_code for a in answers])
        made = [o["id"] for a in answers for o in a.json()]
        checks.equal("P1", "distinct ids", 20000, len(set(made)))
        checks.equal("P1", "all found", 20000, app.client.getCount("cat"))


def _types(app, pool, checks):
    with checks.scenario("P2"):
        names = [f"kind{n:02}" for n in range(50)]
        list(pool.map(lambda name: _client(app).create(make(name, name="first")), names))
        known = app.client.me().datatypes
        checks.equal("P2", "all types registered", [], [name for name in names if name not in known.values()])


def _settings(app, pool, checks):
    with checks.scenario("P3"):
        list(pool.map(lambda n: _client(app).addAppSetting(f"k{n}", n), range(100)))
        checks.equal("P3", "no setting lost", {f"k{n}": n for n in range(100)}, app.client.appSettings())


def _votes(app, pool, checks):
    with checks.scenario("P4"):
        target = app.client.create(make("post", "voted"))
        cast = list(pool.map(lambda n: _client(app).voteUp(target, f"voter{n}"), range(100)))
        checks.equal("P4", "all votes cast", 100, cast.count(True))
        checks.equal("P4", "votes", 100, app.client.read("post", "voted").votes)


def _mix(app, pool, checks):
    with checks.scenario("P5"):
        app = app.server.new_app("mix")
        keys = [f"mix{n:03}" for n in range(200)]
        app.client.createAll([make("pet", key, step=0) for key in keys])

        def work(n):
            client, key = _client(app), keys[n]
            codes = [client.invokeGet("pet/" + key).status_code,
                     client.invokePatch("pet/" + key, '{"step":1}').status_code]
            if n % 4 == 0:
                codes.append(client.invokeDelete("pet/" + key).status_code)
            return codes

        jobs = [pool.submit(work, n) for n in range(200)]
        heavy = [pool.submit(_client(app).invokeGet, "_export"), pool.submit(_client(app).invokePost, "_reindex")]
        codes = {code for job in jobs for code in job.result()} | {job.result().status_code for job in heavy}
        checks.equal("P5", "no error", {200}, codes)
        left = [key for n, key in enumerate(keys) if n % 4]
        checks.equal("P5", "objects left", left, ids(app.client.readAll(keys)))
        checks.equal("P5", "all patched", {1}, {fields(o).get("step") for o in app.client.readAll(left)})
        checks.equal("P5", "all found", len(left), app.client.getCount("pet"))
