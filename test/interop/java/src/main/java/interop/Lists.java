package interop;

import static interop.App.ids;
import static interop.App.make;
import static interop.App.named;
import static interop.App.pager;
import static interop.App.sortedIds;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.Sysprop;
import com.erudika.para.core.utils.Pager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** 4.5 Lists and paging. */
final class Lists {

	private static final List<String> FROGS = frogs();

	private Lists() {
	}

	private static List<String> frogs() {
		List<String> names = new ArrayList<>();
		for (int i = 0; i < 22; i++) {
			names.add(String.format("frog%02d", i));
		}
		return names;
	}

	static void run(Server server, Checks checks) {
		ParaClient client = server.newApp("lists").client;
		shortList(client, checks);
		checks.scenario("E3", () -> {
			List<Sysprop> mice = new ArrayList<>();
			for (int i = 0; i < 300; i++) {
				mice.add(make("mouse", "mouse" + i));
			}
			client.createAll(mice);
			Pager pager = pager("timestamp", true, 1000);
			checks.equal("E3", "items with limit=1000 of 300", 256, client.list("mouse", pager).size());
			checks.equal("E3", "totalHits", 300L, pager.getCount());
		});
		byDocid(client, checks);
		sorted(client, checks);
		wholeReads(client, checks);
	}

	private static void shortList(ParaClient client, Checks checks) {
		checks.scenario("E1", () -> {
			client.createAll(List.of(make("cat", "cat0"), make("cat", "cat1"), make("cat", "cat2")));
			for (String name : new String[] {"cat", "cats"}) {
				Pager pager = new Pager();
				List<ParaObject> items = client.list(name, pager);
				checks.equal("E1", name, List.of("cat0", "cat1", "cat2"), sortedIds(items));
				checks.equal("E1", "totalHits of " + name, 3L, pager.getCount());
				checks.holds("E1", "lastKey", pager.getLastKey() != null && !pager.getLastKey().isEmpty(), pager.getLastKey());
			}
		});
		checks.scenario("E2", () -> {
			Pager pager = new Pager(2);
			checks.equal("E2", "limit=2", 2, client.list("cat", pager).size());
			checks.equal("E2", "totalHits", 3L, pager.getCount());
		});
	}

	private static List<List<String>> pages(ParaClient client, boolean descending) {
		List<List<String>> pages = new ArrayList<>();
		Pager pager = pager("_docid", descending, 10);
		do {
			pages.add(ids(client.list("frog", pager)));
		} while (!pages.get(pages.size() - 1).isEmpty() && pages.size() < 10);
		return pages;
	}

	private static void byDocid(ParaClient client, Checks checks) {
		checks.scenario("E4", () -> {
			FROGS.forEach(name -> client.create(make("frog", name))); // one by one: creation order is expected back
			List<List<String>> pages = pages(client, false);
			checks.equal("E4", "pages in creation order", List.of(FROGS.subList(0, 10), FROGS.subList(10, 20), FROGS.subList(20, 22),
					List.of()), pages);
		});
		checks.scenario("E5", () -> {
			List<String> reversed = new ArrayList<>(FROGS);
			Collections.reverse(reversed);
			checks.equal("E5", "pages in reverse order", List.of(reversed.subList(0, 10), reversed.subList(10, 20),
					reversed.subList(20, 22), List.of()), pages(client, true));
		});
		checks.scenario("E6", () -> {
			Pager first = pager("_docid", false, 10);
			client.list("frog", first);
			Pager second = new Pager(2, "_docid", false, 10);
			second.setLastKey(first.getLastKey());
			checks.equal("E6", "page=2 ignores lastKey", FROGS.subList(10, 20), ids(client.list("frog", second)));
		});
		checks.scenario("E8", () -> {
			Pager pager = pager("_docid", false, 10);
			pager.setSelect(List.of("id"));
			Map<String, Object> answer = client.invokeGet("frog", client.pagerToParams(pager), Map.class);
			List<Map<String, Object>> expected = new ArrayList<>();
			FROGS.subList(0, 10).forEach(name -> expected.add(Map.of("id", name)));
			checks.equal("E8", "items hold only id", expected, answer.get("items"));
			checks.holds("E8", "lastKey still there", answer.get("lastKey") instanceof String, answer.get("lastKey"));
		});
	}

	private static void sorted(ParaClient client, Checks checks) {
		checks.scenario("E7", () -> {
			client.createAll(List.of(withX(named("ox", "ox1", "b"), 10), withX(named("ox", "ox2", "a"), 9),
					withX(named("ox", "ox3", "c"), "text"), named("ox", "ox4", "d")));
			checks.equal("E7", "sort=name", List.of("ox2", "ox1", "ox3", "ox4"), ids(client.list("ox", pager("name", false, 30))));
			List<String> got = ids(client.list("ox", pager("properties.x", false, 30)));
			got.remove("ox4"); // where an object without the field stands is not fixed
			checks.equal("E7", "sort=properties.x, numbers before text (D128)", List.of("ox2", "ox1", "ox3"), got);
			checks.equal("E7", "no object vanishes", 4, client.list("ox", pager("properties.x", true, 30)).size());
		});
	}

	private static Sysprop withX(Sysprop object, Object x) {
		return object.addProperty("x", x);
	}

	private static void wholeReads(ParaClient client, Checks checks) {
		checks.scenario("E9", () -> {
			List<String> seen = new ArrayList<>();
			client.readEverything(pager -> {
				List<Sysprop> items = client.list("frog", pager);
				List<Sysprop> changes = new ArrayList<>();
				items.forEach(o -> changes.add(named("frog", o.getId(), "seen")));
				client.updateAll(changes);
				seen.addAll(ids(items));
				return seen.size() > 100 ? List.<Sysprop>of() : items;
			}, 10);
			checks.equal("E9", "every object once although each page was patched", FROGS, seen);
			client.updateAllPartially((updates, pager) -> {
				List<Sysprop> items = client.findQuery("frog", "name:seen", pager);
				items.forEach(o -> updates.add(Map.of("id", o.getId(), "name", "again")));
				return items;
			}, 10, 5);
			List<String> missed = new ArrayList<>();
			for (ParaObject frog : client.readAll(FROGS)) {
				if (!"again".equals(frog.getName())) {
					missed.add(frog.getId());
				}
			}
			checks.equal("E9", "objects that updateAllPartially missed", List.of(), missed);
		});
	}
}
