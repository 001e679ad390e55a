package interop;

import static interop.App.make;
import static interop.App.pager;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.Sysprop;
import com.erudika.para.core.utils.Pager;
import java.util.List;
import java.util.Map;

/** 4.15 Tolerance, as far as this client shows it; the wire itself is looked at by the Python driver. */
final class Tolerance {

	private Tolerance() {
	}

	static void run(Server server, Checks checks) {
		ParaClient client = server.newApp("tolerance").client;
		checks.scenario("O2", () -> {
			for (int size : new int[] {1, 2000, 200000}) {
				client.create(make("cat", "size" + size, "text", "x".repeat(size)));
				Object text = App.property(client.read("cat", "size" + size), "text");
				checks.equal("O2", size + " bytes", size, text == null ? null : text.toString().length());
			}
		});
		checks.scenario("O8", () -> {
			Pager pager = pager("name", false, 30);
			pager.setSelect(List.of("id", "name"));
			client.createAll(List.of(App.named("bird", "b1", "a"), App.named("bird", "b2", "b")));
			Map<String, Object> answer = client.invokeGet("bird", client.pagerToParams(pager), Map.class);
			checks.equal("O8", "select of two members", List.of(Map.of("id", "b1", "name", "a"), Map.of("id", "b2", "name", "b")),
					answer.get("items"));
		});
		checks.scenario("O12", () -> {
			client.create(make("num", "n", "a", 5, "b", 5.5, "c", 9007199254740993L, "d", 1767323045000L));
			for (Sysprop got : List.of((Sysprop) client.read("num", "n"), (Sysprop) client.findQuery("num", "*").get(0))) {
				checks.equal("O12", "numbers keep their kind", List.of(5, 5.5, 9007199254740993L, 1767323045000L),
						List.of(got.getProperty("a"), got.getProperty("b"), got.getProperty("c"), got.getProperty("d")));
			}
		});
	}
}
