package interop;

import static interop.App.child;
import static interop.App.ids;
import static interop.App.make;
import static interop.App.named;
import static interop.App.query;
import static interop.App.refusal;
import static interop.App.sortedIds;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.Sysprop;
import java.util.List;
import java.util.Map;

/** 4.7 Links and children, and the link steps of D4. */
final class Links {

	private Links() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("links");
		ParaClient client = app.client;
		Map<String, ParaObject> objects = app.fixture(checks);
		ParaObject person = objects.get("c111");
		links(client, objects, checks);
		secondLinks(client, person, checks);
		children(client, person, checks);
		checks.scenario("G12", () -> {
			checks.equal("G12", "link to a missing object", "400 - Failed to create link.",
					refusal(client, () -> client.link(person, "nope")));
			checks.equal("G12", "link from a missing object", null, client.link(make("sysprop", "nope"), "c111"));
		});
		checks.scenario("D4", () -> {
			ParaObject word = objects.get("уникод");
			checks.holds("D4", "link of a UTF-8 id", client.link(word, "tag:test") != null, null);
			checks.equal("D4", "isLinked", true, client.isLinked(word, "tag", "tag:test"));
			checks.equal("D4", "countLinks", 1L, client.countLinks(word, "tag"));
			client.unlink(word, "tag", "tag:test");
			checks.equal("D4", "linked after unlink", List.of(), client.getLinkedObjects(word, "tag"));
		});
	}

	private static void links(ParaClient client, Map<String, ParaObject> objects, Checks checks) {
		ParaObject person = objects.get("c111");
		checks.scenario("G1", () -> {
			checks.equal("G1", "link to a tag", "sysprop:c111:tag:tag:test", client.link(person, "tag:test"));
			checks.equal("G1", "link to a person", "sysprop:c111:sysprop:c333", client.link(person, "c333"));
		});
		checks.scenario("G2", () -> {
			checks.equal("G2", "isLinked to a tag", true, client.isLinked(person, "tag", "tag:test"));
			checks.equal("G2", "isLinked to a person", true, client.isLinked(person, objects.get("c333")));
			checks.equal("G2", "not linked", false, client.isLinked(person, objects.get("c222")));
		});
		checks.scenario("G3", () -> {
			checks.equal("G3", "linked tags", List.of("tag:test"), ids(client.getLinkedObjects(person, "tag")));
			checks.equal("G3", "linked persons (D39)", List.of("c333"), ids(client.getLinkedObjects(person, "sysprop")));
			checks.equal("G3", "seen from the other end (D39)", List.of("c111"),
					ids(client.getLinkedObjects(objects.get("c333"), "sysprop")));
		});
		checks.scenario("G4", () -> {
			checks.equal("G4", "countLinks of tags", 1L, client.countLinks(person, "tag"));
			checks.equal("G4", "countLinks of persons", 1L, client.countLinks(person, "sysprop"));
			Map<String, Object> answer = client.invokeGet("sysprop/c111/links/tag", query("count", "true"), Map.class);
			checks.equal("G4", "no items", List.of(), answer.get("items"));
		});
		checks.scenario("G5", () -> {
			client.unlinkAll(person);
			checks.equal("G5", "tag unlinked", false, client.isLinked(person, "tag", "tag:test"));
			checks.equal("G5", "person unlinked", false, client.isLinked(person, objects.get("c333")));
		});
	}

	private static List<Sysprop> contents(String prefix) {
		return List.of(make("sysprop", prefix + "1", "text", "hello from the other side"),
				make("sysprop", prefix + "2", "text", "hello kitty"), named("sysprop", prefix + "3", "gordon"));
	}

	private static void secondLinks(ParaClient client, ParaObject person, Checks checks) {
		checks.scenario("G6", () -> {
			client.createAll(contents("secondLink")).forEach(o -> client.link(person, o.getId()));
			checks.equal("G6", "all linked objects", List.of("secondLink1", "secondLink2", "secondLink3"),
					sortedIds(client.findLinkedObjects(person, "sysprop", "name", "*")));
		});
		checks.scenario("G7", () -> {
			checks.equal("G7", "name: gord*", List.of("secondLink3"),
					ids(client.findLinkedObjects(person, "sysprop", "name", "gord*")));
			checks.equal("G7", "text: kitt*", List.of("secondLink2"),
					ids(client.findLinkedObjects(person, "sysprop", "properties.text", "kitt*")));
			checks.equal("G7", "text: hello", List.of("secondLink1", "secondLink2"),
					sortedIds(client.findLinkedObjects(person, "sysprop", "properties.text", "hello")));
		});
	}

	private static void children(ParaClient client, ParaObject person, Checks checks) {
		List<String> every = List.of("child1", "child2", "child3");
		checks.scenario("G8", () -> {
			List<Sysprop> made = contents("child");
			made.forEach(o -> child(o, "c111"));
			client.createAll(made);
			checks.equal("G8", "getChildren", every, sortedIds(client.getChildren(person, "sysprop")));
			checks.equal("G8", "findChildren *", every, sortedIds(client.findChildren(person, "sysprop", "*")));
			checks.equal("G8", "findChildren gord*", List.of("child3"), ids(client.findChildren(person, "sysprop", "gord*")));
			checks.equal("G8", "findChildren kitt*", List.of("child2"), ids(client.findChildren(person, "sysprop", "kitt*")));
			checks.equal("G8", "findChildren hello", List.of("child1", "child2"),
					sortedIds(client.findChildren(person, "sysprop", "hello")));
		});
		checks.scenario("G9", () -> {
			checks.equal("G9", "countChildren (D40)", 3L, client.countChildren(person, "sysprop"));
			checks.equal("G9", "children by name", List.of("child3"), ids(client.getChildren(person, "sysprop", "name", "gordon")));
		});
		checks.scenario("G10", () -> {
			client.deleteChildren(person, "sysprop");
			checks.equal("G10", "children deleted (D38)", List.of(), client.getChildren(person, "sysprop"));
			checks.equal("G10", "stored children deleted", List.of(), ids(client.readAll(every)));
			checks.equal("G10", "linked objects stay", 3L, client.countLinks(person, "sysprop"));
		});
	}
}
