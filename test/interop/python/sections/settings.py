"""4.11 Settings."""
import json

from apps import fields


def run(server, checks):
    app = server.new_app("settings")
    client = app.client
    with checks.scenario("K1"):
        checks.equal("K1", "a new app has none", {}, client.appSettings())
    with checks.scenario("K2"):
        answers = [client.invokePut("_settings/" + key, json.dumps({"value": value}))
                   for key, value in (("prop1", 1), ("prop2", True))]
        checks.equal("K2", "PUT answers 200 and nothing", [(200, "")] * 2, [(a.status_code, a.text) for a in answers])
        client.addAppSetting("prop3", "string")
        checks.equal("K2", "kinds kept", '{"prop1": 1, "prop2": true, "prop3": "string"}',
                     json.dumps(client.appSettings(), sort_keys=True))
    with checks.scenario("K3"):
        checks.equal("K3", "one setting", {"value": 1}, client.appSettings("prop1"))
    with checks.scenario("K4"):
        answer = client.invokeDelete("_settings/prop3")
        checks.equal("K4", "DELETE answers 200 and nothing", (200, ""), (answer.status_code, answer.text))
        checks.equal("K4", "a missing setting (D2)", "{}", client.invokeGet("_settings/prop3").text.replace(" ", ""))
        checks.equal("K4", "the others stay", {"prop1": 1, "prop2": True}, client.appSettings())
    with checks.scenario("K5"):
        client.setAppSettings({"propX": "X", "propY": "Y"})
        checks.equal("K5", "all replaced", {"propX": "X", "propY": "Y"}, client.appSettings())
    with checks.scenario("K6"):
        client.setAppSettings({})
        checks.equal("K6", "all cleared", {}, client.appSettings())
    with checks.scenario("K7"):
        client.addAppSetting("signin_success", "http://localhost/ok?jwt=id")
        client.addAppSetting("security.oauth.scope", "openid email")
        checks.equal("K7", "a key with dots", {"value": "openid email"}, client.appSettings("security.oauth.scope"))
        checks.equal("K7", "exactly these keys", ["security.oauth.scope", "signin_success"], sorted(client.appSettings()))
        many = {f"k{n}.x": n for n in range(100)}
        client.setAppSettings({**many, "gone": None})
        checks.equal("K7", "100 keys at once, null left out", many, client.appSettings())
    with checks.scenario("K8"):
        found = [server.root.getItems(server.root.getEntity(server.root.invokeGet("app/search/default", {"q": f'id:"{app.id}"'})))]
        shown = [client.me(), client.read("app", app.name), *found[0]]
        checks.equal("K8", "settings shown nowhere else", 0, sum("settings" in fields(o) for o in shown))
        checks.equal("K8", "app found by root", 1, len(found[0]))
