package interop;

import static interop.App.ids;

import com.erudika.para.client.ParaClient;
import java.util.List;

/** The parts of 4.6 that need similarity and geographic search. */
final class SearchSimilarNearby {

	private SearchSimilarNearby() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("near");
		ParaClient client = app.client;
		app.fixture(checks);
		checks.scenario("F4", () ->
			checks.equal("F4", "nearby without type and q", List.of(), client.findNearby(null, null, 100, 1.0, 1.0)));
		checks.scenario("F5", () -> {
			checks.equal("F5", "sysprop near", List.of("c111"), ids(client.findNearby("sysprop", "*", 10, 40.60, -73.90)));
			checks.equal("F5", "tag near", List.of("tag:test"), ids(client.findNearby("tag", "*", 10, 40.62, -73.91)));
		});
		checks.scenario("F9", () -> {
			checks.equal("F9", "no fields", List.of(), client.findSimilar("tag", "", null, null));
			checks.equal("F9", "blank like", List.of(), client.findSimilar("tag", "", new String[0], ""));
		});
		checks.scenario("F10", () -> {
			List<String> got = ids(client.findSimilar("sysprop", "s1", new String[] {"properties.text"}, App.SENTENCE_1));
			checks.equal("F10", "most similar first", "s2", got.isEmpty() ? null : got.get(0));
			checks.equal("F10", "itself absent", false, got.contains("s1"));
		});
	}
}
