package interop;

import static interop.App.refusal;

import com.erudika.para.client.ParaClient;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** 4.8 Utilities, intro, types. */
final class Utilities {

	private Utilities() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("utils");
		ParaClient client = app.client;
		app.fixture(checks);
		checks.scenario("H1", () -> {
			String one = client.newId();
			String two = client.newId();
			checks.holds("H1", "two different digit strings", !one.equals(two) && (one + two).matches("\\d+"), one + " " + two);
			checks.holds("H1", "below 2^63", Long.parseLong(one) > 0, one);
		});
		checks.scenario("H2", () -> {
			long got = client.getTimestamp();
			checks.holds("H2", "milliseconds of now", Math.abs(got - System.currentTimeMillis()) < 60000, got);
		});
		checks.scenario("H3", () -> {
			// The day may change between question and answer, and the server may keep another time zone.
			List<String> days = new ArrayList<>();
			for (int hours : new int[] {-14, 0, 14}) {
				days.add(LocalDateTime.now().plusHours(hours).format(DateTimeFormatter.ofPattern("MM dd yyyy", Locale.US)));
			}
			String got = client.formatDate("MM dd yyyy", Locale.US);
			checks.holds("H3", "MM dd yyyy of today", days.contains(got), got);
		});
		checks.scenario("H4", () ->
			checks.equal("H4", "noSpaces", "test123test", client.noSpaces(" test  123\t\ttest ", "")));
		checks.scenario("H5", () ->
			checks.equal("H5", "stripAndTrim", "cool", client.stripAndTrim(" %^&*( cool )\t\t@!")));
		checks.scenario("H6", () -> checks.equal("H6", "markdownToHtml",
				"<h1><a href=\"#hello-test\" id=\"hello-test\">hello <strong>test</strong></a></h1>\n",
				client.markdownToHtml("# hello **test**")));
		checks.scenario("H7", () -> checks.equal("H7", "approximately", "15s", client.approximately(15000)));
		checks.scenario("H8", () -> checks.equal("H8", "unknown method", "400 - Unknown method: nosuch",
				refusal(client, () -> client.invokeGet("utils/nosuch", null, String.class))));
		checks.scenario("H9", () -> {
			String got = client.getServerVersion();
			checks.holds("H9", "version starts with 1", got.startsWith("1"), got);
		});
		checks.scenario("H10", () -> {
			checks.equal("H10", "types() has users", "user", client.types().get("users"));
			checks.equal("H10", "typesCount() of sysprop", 5, client.typesCount().get("sysprop").intValue());
		});
	}
}
