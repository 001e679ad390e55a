package interop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs acceptance scenarios with the unmodified Java client against a running server.
 *
 * Environment: ENDPOINT (such as http://localhost:8080), ROOT_SECRET (the secret of app:para), SECTIONS (such as
 * "4.1 4.8"). Prints one line per failed assertion and, last, 'N passed, N failed'; exit status 1 when something failed.
 */
public final class Main {

	/** One section of the acceptance scenarios. */
	interface Section {
		void run(Server server, Checks checks);
	}

	private static final Map<String, Section> SECTIONS = new LinkedHashMap<>();

	static {
		SECTIONS.put("4.1", Authentication::run);
		SECTIONS.put("4.2", SingleObjects::run);
		SECTIONS.put("4.3", Batches::run);
		SECTIONS.put("4.4", UnusualIds::run);
		SECTIONS.put("4.5", Lists::run);
		SECTIONS.put("4.6", Search::run);
		SECTIONS.put("4.6-similar-nearby", SearchSimilarNearby::run);
		SECTIONS.put("4.7", Links::run);
		SECTIONS.put("4.8", Utilities::run);
		SECTIONS.put("4.9", ConstraintsVotes::run);
		SECTIONS.put("4.10", Permissions::run);
		SECTIONS.put("4.11", Settings::run);
		SECTIONS.put("4.12", Tokens::run);
		SECTIONS.put("4.13", PasswordUsers::run);
		SECTIONS.put("4.14", Administration::run);
		SECTIONS.put("4.15", Tolerance::run);
		SECTIONS.put("4.16", Concurrency::run);
		SECTIONS.put("4.17", Scoold::run);
	}

	private Main() {
	}

	public static void main(String[] args) {
		String endpoint = System.getenv().getOrDefault("ENDPOINT", "");
		String secret = System.getenv().getOrDefault("ROOT_SECRET", "");
		if (endpoint.isBlank() || secret.isBlank()) {
			stop("set ENDPOINT and ROOT_SECRET");
		}
		String listed = System.getenv().getOrDefault("SECTIONS", "").strip();
		List<String> wanted = listed.isEmpty() ? new ArrayList<>(SECTIONS.keySet()) : List.of(listed.split("\\s+"));
		for (String name : wanted) {
			if (!SECTIONS.containsKey(name)) {
				stop("unknown section " + name + "; known: " + String.join(" ", SECTIONS.keySet()));
			}
		}
		Server server = new Server(endpoint.replaceFirst("/$", ""), secret);
		Checks checks = new Checks();
		for (String name : wanted) {
			int made = checks.made();
			int failed = checks.failed();
			checks.scenario(name, () -> SECTIONS.get(name).run(server, checks));
			System.out.println("java " + name + ": " + (checks.failed() == failed ? "ok" : "FAILED") + ", "
					+ (checks.made() - made) + " checks");
		}
		System.out.println(checks.summary());
		System.exit(checks.failed() == 0 ? 0 : 1);
	}

	private static void stop(String problem) {
		System.err.println(problem);
		System.exit(2);
	}
}
