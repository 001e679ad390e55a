package interop;

import static interop.App.ids;
import static interop.App.refusal;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.Webhook;
import com.erudika.para.core.utils.Pager;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * 4.14 Administration, as far as this client has methods for it.
 *
 * Left out: N8 needs the mail service, N10 and the delivery of N11 need webhook deliveries; N5, N6, N9, N13 and N14 need
 * archives and headers that this client does not send.
 */
final class Administration {

	private Administration() {
	}

	static void run(Server server, Checks checks) {
		checks.scenario("N1", () -> {
			App app = server.newApp("named");
			Map<String, Object> again = server.root.invokeGet("_setup/" + app.name, null, Map.class);
			checks.equal("N1", "second answer", Map.of("message", "All set!"), again);
			checks.equal("N2", "a child app makes no apps", "403 - Only root app can create and initialize other apps.",
					refusal(app.client, () -> app.client.invokeGet("_setup/other", null, Map.class)));
		});
		checks.scenario("N3", () -> {
			App app = server.newApp("newkeys");
			ParaClient old = server.client(app.id, app.secret);
			Map<String, String> keys = app.client.newKeys();
			checks.equal("N3", "access key", app.id, keys.get("accessKey"));
			checks.equal("N3", "the secret changed", false, app.secret.equals(keys.get("secretKey")));
			checks.equal("N3", "the client signs with the new secret", app.id, ((ParaObject) app.client.me()).getId());
			checks.equal("N3", "the old secret", null, old.me());
		});
		checks.scenario("N4", () -> {
			App app = server.newApp("listed");
			List<String> seen = new ArrayList<>();
			server.root.readEverything(pager -> {
				List<com.erudika.para.core.App> items = server.root.findQuery("app", "*", pager);
				items.forEach(o -> seen.add("app:" + o.getAppIdentifier()));
				return seen.size() > 1000 ? List.<com.erudika.para.core.App>of() : items;
			}, 2);
			checks.equal("N4", "no app twice", seen.size(), new HashSet<>(seen).size());
			checks.holds("N4", "root and the new app are there", seen.containsAll(List.of("app:para", app.id)), seen);
		});
		checks.scenario("N7", () -> {
			App app = server.newApp("reindex");
			app.fixture(checks);
			for (Map<String, Object> got : List.of(app.client.rebuildIndex(), app.client.rebuildIndex("other"))) {
				checks.equal("N7", "objects reindexed", 9, got.get("reindexed"));
				checks.holds("N7", "time taken", got.get("tookMillis") instanceof Number, got);
			}
			Pager pager = new Pager();
			checks.equal("N7", "searches unchanged", List.of("c333"), ids(app.client.findPrefix("sysprop", "name", "Ann", pager)));
			checks.equal("N7", "counts unchanged", 5L, app.client.getCount("sysprop"));
		});
		checks.scenario("N11", () -> {
			ParaClient client = server.newApp("hooks").client;
			Webhook event = new Webhook("https://para");
			event.setTriggeredEvent("question.create");
			event.setCustomPayload(Map.of("a", 1));
			ParaObject answer = client.create(event);
			checks.equal("N11", "id", "triggered:question.create", answer.getId());
			checks.equal("N11", "name", "This webhook object is not persisted and should be discarded.", answer.getName());
			checks.equal("N11", "nothing stored", null, client.read("triggered:question.create"));
		});
		checks.scenario("N12", () -> {
			App app = server.newApp("inactive");
			com.erudika.para.core.App record = server.root.read("app", app.id);
			record.setActive(false);
			server.root.update(record);
			checks.equal("N12", "an inactive app", "403 - App not active. [" + app.id + "]",
					refusal(app.client, () -> app.client.list("cat")));
			checks.equal("N12", "its me()", null, app.client.me());
			record.setActive(true);
			server.root.update(record);
			checks.equal("N12", "active again", app.id, app.client.getApp().getId());
		});
	}
}
