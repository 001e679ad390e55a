package interop;

import static interop.App.ids;
import static interop.App.make;
import static interop.App.query;
import static interop.App.refusal;
import static interop.App.sortedIds;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.utils.Pager;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** 4.6 Search. Similar and nearby searches are a section of their own. */
final class Search {

	private Search() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("search");
		app.fixture(checks);
		byId(app.client, checks);
		prefixAndQuery(app.client, checks);
		tagsAndWildcards(app.client, checks);
		terms(app.client, checks);
		counts(app.client, checks);
		broken(app.client, checks);
		checks.scenario("F21", () -> {
			List<String> keys = sortedIds(app.client.createAll(List.of(make("sysprop", null), make("sysprop", null))));
			checks.equal("F21", "own objects", keys, sortedIds(app.client.findByIds(keys)));
			checks.equal("F21", "the same ids from root", List.of(), server.root.findByIds(keys));
		});
		applicationQueries(server, checks);
	}

	private static void byId(ParaClient client, Checks checks) {
		checks.scenario("F1", () -> {
			checks.equal("F1", "findById(null)", null, client.findById(null));
			checks.equal("F1", "findById(\"\")", null, client.findById(""));
		});
		checks.scenario("F2", () -> {
			checks.equal("F2", "findById", "c111", ((ParaObject) client.findById("c111")).getId());
			checks.equal("F2", "findById of a tag", "tag:test", ((ParaObject) client.findById("tag:test")).getId());
		});
		checks.scenario("F3", () -> {
			checks.equal("F3", "findByIds", List.of("c111", "c222", "c333"), sortedIds(client.findByIds(List.of("c111", "c222", "c333"))));
			checks.equal("F3", "findByIds(null)", List.of(), client.findByIds(null));
		});
	}

	private static void prefixAndQuery(ParaClient client, Checks checks) {
		checks.scenario("F6", () -> {
			checks.equal("F6", "no type, field null, blank prefix", List.of(), client.findPrefix(null, null, ""));
			checks.equal("F6", "blank type, field null", List.of(), client.findPrefix("", "null", "xx"));
			checks.equal("F6", "name starts with Ann", List.of("c333"), ids(client.findPrefix("sysprop", "name", "Ann")));
		});
		checks.scenario("F7", () -> {
			checks.equal("F7", "no q finds everything", 9, client.findQuery(null, null).size());
			checks.equal("F7", "* finds everything", 9, client.findQuery("", "*").size());
			checks.equal("F7", "country:US", List.of("adr1", "adr2"), sortedIds(client.findQuery("address", "country:US")));
			checks.equal("F7", "Ann*", List.of("c333"), ids(client.findQuery("sysprop", "Ann*")));
		});
		checks.scenario("F8", () -> {
			Pager pager = new Pager();
			checks.equal("F8", "items", 5, client.findQuery("sysprop", "*", pager).size());
			checks.equal("F8", "pager count", 5L, pager.getCount());
		});
	}

	private static void tagsAndWildcards(ParaClient client, Checks checks) {
		checks.scenario("F11", () -> {
			checks.equal("F11", "no tags", 0, client.findTagged("sysprop", null).size());
			checks.equal("F11", "two", 2, client.findTagged("sysprop", new String[] {"two"}).size());
			checks.equal("F11", "one, two", 1, client.findTagged("sysprop", new String[] {"one", "two"}).size());
			checks.equal("F11", "three", 3, client.findTagged("sysprop", new String[] {"three"}).size());
			checks.equal("F11", "four, three", 2, client.findTagged("sysprop", new String[] {"four", "three"}).size());
			checks.equal("F11", "five, three", 1, client.findTagged("sysprop", new String[] {"five", "three"}).size());
			checks.equal("F11", "another type", 0, client.findTagged("tag", new String[] {"four", "three"}).size());
		});
		checks.scenario("F12", () -> {
			checks.equal("F12", "findTags(null)", List.of("tag:test"), ids(client.findTags(null)));
			checks.equal("F12", "findTags(unknown)", List.of(), client.findTags("unknown"));
			checks.equal("F12", "findTags(test)", List.of("tag:test"), ids(client.findTags("test")));
		});
		checks.scenario("F17", () -> {
			checks.equal("F17", "nothing given", List.of(), client.findWildcard(null, null, null));
			checks.equal("F17", "blank", List.of(), client.findWildcard("", "", ""));
			checks.equal("F17", "name An*", List.of("c333"), ids(client.findWildcard("sysprop", "name", "An*")));
		});
	}

	private static void terms(ParaClient client, Checks checks) {
		checks.scenario("F13", () -> checks.equal("F13", "findTermInList", List.of("c111", "c222", "c333"),
				sortedIds(client.findTermInList("sysprop", "id", List.of("c111", "c222", "c333", "xxx", "yyy")))));
		checks.scenario("F14", () -> checks.equal("F14", "findTerms id", List.of("c111"),
				ids(client.findTerms("sysprop", Map.of("id", "c111"), true))));
		checks.scenario("F15", () -> {
			checks.equal("F15", "blank value", List.of(), client.findTerms(null, Map.of("id", " "), true));
			checks.equal("F15", "blank key", List.of(), client.findTerms(null, Map.of(" ", ""), true));
			checks.equal("F15", "empty key and value", List.of(), client.findTerms(null, Map.of("", ""), true));
			checks.equal("F15", "null value", List.of(), client.findTerms("sysprop", Collections.singletonMap("id", null), true));
			checks.equal("F15", "no terms", List.of(), client.findTerms("sysprop", null, true));
		});
		checks.scenario("F16", () -> {
			checks.equal("F16", "type:sysprop", 5, client.findTerms("sysprop", Map.of("type", "sysprop"), true).size());
			checks.equal("F16", "name as stored", List.of("c333"), ids(client.findTerms("sysprop", Map.of("name", "Ann Smith"), true)));
			checks.equal("F16", "name in lower case", List.of(), client.findTerms("sysprop", Map.of("name", "ann smith"), true));
			Map<String, String> two = Map.of("name", "Ann Smith", "id", "c111");
			checks.equal("F16", "both of two terms", List.of(), client.findTerms("sysprop", two, true));
			checks.equal("F16", "one of two terms", List.of("c111", "c333"), sortedIds(client.findTerms("sysprop", two, false)));
		});
	}

	private static void counts(ParaClient client, Checks checks) {
		checks.scenario("F18", () -> {
			checks.equal("F18", "getCount of everything", 9L, client.getCount(null));
			checks.equal("F18", "getCount(\"\")", 9L, client.getCount(""));
			checks.equal("F18", "getCount(test)", 0L, client.getCount("test"));
			checks.equal("F18", "getCount(sysprop)", 5L, client.getCount("sysprop"));
		});
		checks.scenario("F19", () -> {
			checks.equal("F19", "count of null terms", 0L, client.getCount("sysprop", null));
			checks.equal("F19", "count of no terms", 0L, client.getCount("sysprop", Map.of()));
			checks.equal("F19", "count of a blank value", 0L, client.getCount("sysprop", Map.of("id", " ")));
			checks.equal("F19", "count of one id", 1L, client.getCount("sysprop", Map.of("id", "c111")));
			checks.equal("F19", "count by type without type in the path", 5L, client.getCount(null, Map.of("type", "sysprop")));
		});
	}

	private static void broken(ParaClient client, Checks checks) {
		for (String text : List.of("\"unclosed", "AND", "a OR", "(")) {
			checks.scenario("F20", () -> {
				String got = refusal(client, () -> client.findQuery(null, text));
				checks.holds("F20", text, got != null && got.startsWith("400 - Invalid query string syntax q="), got);
				checks.equal("F20", "findQuery " + text, List.of(), client.findQuery(null, text));
			});
		}
	}

	/** F22: what a question-and-answer application asks. */
	private static void applicationQueries(Server server, Checks checks) {
		ParaClient client = server.newApp("search-app").client;
		String space = "scooldspace:x:X";
		String other = "scooldspace:y:Y";
		ParaObject q1 = make("question", "q1", "space", space, "answercount", 0, "followers", Map.of("572", "jane@example.com"));
		q1.setTags(List.of("java", "sql"));
		q1.setCreatorid("572:profile");
		ParaObject q2 = make("question", "q2", "space", other, "answercount", 2, "answerid", "r1");
		q2.setTags(List.of("go"));
		q2.setCreatorid("573:profile");
		q2.setParentid("p:1");
		ParaObject jane = make("profile", "572:profile", "originalName", "Jane", "location", "Paris", "groups", "admins",
				"favtags", List.of("a", "b"), "favtagsEmailsEnabled", true, "spaces", List.of(space));
		jane.setName("Jane Doe");
		ParaObject bob = make("profile", "573:profile", "originalName", "Bob", "groups", "users",
				"favtags", List.of("c"), "favtagsEmailsEnabled", false, "spaces", List.of(space, other));
		bob.setName("Bob");
		ParaObject reply = App.child(make("reply", "r1"), "q2");
		reply.setCreatorid("572:profile");
		client.createAll(Arrays.asList(q1, q2, make("sticky", "st1", "space", space), reply, jane, bob));
		String[][] queries = {
			{"question", "*", "q1 q2"},
			{null, "type:(question OR sticky)", "q1 q2 st1"},
			{null, "type:(question OR unapprovedquestion) AND properties.space:\"" + space + "\"", "q1"},
			{null, "type:sticky OR type:reply", "r1 st1"},
			{"question", "(properties.space:\"" + space + "\" OR properties.space:\"" + other + "\")", "q1 q2"},
			{"profile", "properties.spaces:(\"" + space + "\")", "572:profile 573:profile"},
			{"profile", "properties.spaces:(+\"" + space + "\" -\"" + other + "\")", "572:profile"},
			{"question", "properties.answerid:[* TO *]", "q2"},
			{"question", "properties.answercount:0", "q1"},
			{"question", "tags:(java OR go)", "q1 q2"},
			{"question", "tags:\"java\" OR tags:\"go\"", "q1 q2"},
			{"question", "properties.space:\"" + space + "\" AND tags:jav*", "q1"},
			{"profile", "(name:(Jane) OR name:(jane* OR properties.originalName:Jane OR properties.originalName:jane* OR Jane*)"
				+ " OR properties.location:(jane) OR properties.aboutme:(jane) OR properties.groups:(jane))", "572:profile"},
			{"profile", "properties.groups:(admins OR mods)", "572:profile"},
			{"profile", "properties.favtags:(\"a\" \"b\") AND properties.favtagsEmailsEnabled:true", "572:profile"},
			{"question", "\"jane@example.com\"", "q1"},
			{null, "type:(reply) AND creatorid:(\"572:profile\")", "r1"},
			{"question", "parentid:\"p:1\" AND creatorid:\"573:profile\"", "q2"},
		};
		for (String[] row : queries) {
			checks.scenario("F22", () -> checks.equal("F22", row[0] + " " + row[1], List.of(row[2].split(" ")),
					sortedIds(client.findQuery(row[0], row[1]))));
		}
		checks.scenario("F22", () -> {
			Pager pager = new Pager(1, "properties.answercount", true, 10000);
			checks.equal("F22", "sorted by a custom member, limit above the cap", List.of("q2", "q1"),
					ids(client.findQuery("question", "*", pager)));
			Map<String, Object> blank = client.invokeGet("question/search/default", query("q", ""), Map.class);
			checks.equal("F7", "q= is an empty page (D48)", List.of(), blank.get("items"));
		});
	}
}
