package interop;

import static interop.App.ids;
import static interop.App.make;
import static interop.App.named;
import static interop.App.refusal;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.Sysprop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** 4.3 Batches. C7 needs constraints and runs with 4.9. */
final class Batches {

	private Batches() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("batch");
		app.fixture(checks);
		dogs(app.client, checks);
		articles(app, checks);
		edges(app.client, checks);
		versions(app.client, checks);
	}

	private static void dogs(ParaClient client, Checks checks) {
		checks.scenario("C1", () -> {
			List<Sysprop> dogs = client.createAll(List.of(make("dog", null, "foo", "bark!"), make("dog", null, "foo", "bark!"),
					make("dog", null, "foo", "bark!")));
			List<String> keys = ids(dogs);
			checks.equal("C1", "distinct ids", 3, new HashSet<>(keys).size());
			checks.equal("C2", "readAll in request order", keys, ids(client.readAll(keys)));
			List<String> reversed = new ArrayList<>(keys);
			Collections.reverse(reversed);
			checks.equal("C2", "readAll in reverse order", reversed, ids(client.readAll(reversed)));

			List<Sysprop> changes = new ArrayList<>();
			for (int i = 0; i < keys.size(); i++) {
				changes.add(named("dog", keys.get(i), "NewName" + (i + 1)));
			}
			changes.get(0).addProperty("custom", "prop");
			List<Sysprop> got = client.updateAll(changes);
			checks.equal("C3", "updated in order", keys, ids(got));
			checks.equal("C3", "names", List.of("NewName1", "NewName2", "NewName3"),
					got.stream().map(Sysprop::getName).collect(Collectors.toList()));
			checks.equal("C3", "custom member of the first", "prop", got.get(0).getProperty("custom"));
			for (Sysprop dog : client.<Sysprop>readAll(keys)) {
				checks.equal("C3", "earlier members kept", "dog bark!", dog.getType() + " " + dog.getProperty("foo"));
			}

			com.erudika.para.core.App me = client.me();
			checks.equal("C5", "type registered", "dog", me.getDatatypes().get("dogs"));

			client.deleteAll(keys);
			checks.equal("C4", "no dog left", List.of(), client.list("dog"));
			checks.equal("C4", "nothing to read", List.of(), client.readAll(keys));
		});
	}

	private static void articles(App app, Checks checks) {
		ParaClient client = app.client;
		checks.scenario("C6", () -> {
			List<Sysprop> made = client.createAll(List.of(make("article", null, "text", "a b c"),
					make("article", null, "text", "a b c"), make("article", null, "text", "a b c")));
			List<String> keys = ids(made);
			client.updateAll(List.of(make("update_must_not_change_type", keys.get(0), "text2", "d e f"),
					named("update_must_not_change_type", keys.get(1), "two"),
					named("update_must_not_change_type", keys.get(2), "three")));
			List<Sysprop> got = client.readAll(keys);
			for (Sysprop article : got) {
				checks.equal("C6", "type and appid", "article " + app.name, article.getType() + " " + article.getAppid());
			}
			checks.equal("C6", "members of the first", Map.of("text", "a b c", "text2", "d e f"), got.get(0).getProperties());
			checks.equal("C6", "names", "two three", got.get(1).getName() + " " + got.get(2).getName());
		});
	}

	private static void edges(ParaClient client, Checks checks) {
		checks.scenario("C8", () -> {
			checks.equal("C8", "PATCH of an empty list", List.of(), client.invokePatch("_batch", List.of(), List.class));
			checks.equal("C8", "POST of an empty list", List.of(), client.invokePost("_batch", List.of(), List.class));
			checks.equal("C8", "updateAll of a missing object", List.of(), client.updateAll(List.of(named("dog", "nope", "x"))));
		});
		checks.scenario("C9", () -> {
			checks.equal("C9", "GET without ids", "400 - Missing ids.",
					refusal(client, () -> client.invokeGet("_batch", null, List.class)));
			checks.equal("C9", "DELETE without ids", "400 - Missing ids.",
					refusal(client, () -> client.invokeDelete("_batch", null, List.class)));
		});
		checks.scenario("C10", () ->
			checks.equal("C10", "missing ids are skipped", List.of("c111"), ids(client.readAll(List.of("nope", "c111")))));
		checks.scenario("C11", () -> {
			List<String> many = new ArrayList<>();
			for (int i = 0; i < 999; i++) {
				many.add(Long.toString(1000000000000000000L + i));
			}
			many.add("c111");
			checks.equal("C11", "1000 ids of 19 digits", List.of("c111"), ids(client.readAll(many)));
			client.setChunkSize(200);
			checks.equal("C11", "the same in chunks of 200", List.of("c111"), ids(client.readAll(many)));
			client.setChunkSize(0);
		});
		checks.scenario("C12", () -> {
			client.createAll(List.of(make("dog", "again", "foo", "a")));
			checks.equal("C12", "existing id answered", List.of("again"), ids(client.createAll(List.of(named("dog", "again", "two")))));
			Sysprop stored = client.read("dog", "again");
			checks.equal("C12", "existing object overwritten", "two null", stored.getName() + " " + stored.getProperty("foo"));
		});
	}

	private static Sysprop versioned(String id, long version) {
		Sysprop made = make("dog", id);
		made.setVersion(version);
		return made;
	}

	private static void versions(ParaClient client, Checks checks) {
		checks.scenario("C13", () -> {
			client.createAll(List.of(versioned("v1", 1), versioned("v2", 1)));
			List<Sysprop> wrong = List.of(versioned("v1", 7), versioned("v2", 7));
			checks.equal("C13", "all versions wrong", "412 - Update failed for all objects in batch due to 'version' mismatch.",
					refusal(client, () -> client.updateAll(wrong)));
			List<Sysprop> got = client.updateAll(List.of(versioned("v1", 7), versioned("v2", 1)));
			checks.equal("C13", "the one with the right version", List.of("v2"), ids(got));
			checks.equal("C13", "its new version", 2L, got.isEmpty() ? null : got.get(0).getVersion());
		});
	}
}
