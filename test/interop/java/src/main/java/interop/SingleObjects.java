package interop;

import static interop.App.make;
import static interop.App.query;
import static interop.App.refusal;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.Sysprop;
import com.erudika.para.core.Tag;
import com.erudika.para.core.User;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** 4.2 Single objects. */
final class SingleObjects {

	private SingleObjects() {
	}

	static void run(Server server, Checks checks) {
		ParaClient client = server.newApp("single").client;
		tag(client, checks);
		refused(server, client, checks);
		customType(client, checks);
		apps(server, checks);
		versions(client, checks);
		patchAndSelect(client, checks);
	}

	private static void tag(ParaClient client, Checks checks) {
		checks.scenario("B1", () -> {
			Tag sent = new Tag("test1");
			sent.setVersion(1L);
			Tag tag = client.create(sent);
			checks.equal("B1", "id", "tag:test1", tag.getId());
			checks.equal("B1", "tag", "test1", tag.getTag());
			checks.equal("B1", "version", 1L, tag.getVersion());
			checks.holds("B1", "timestamp", tag.getTimestamp() != null && tag.getTimestamp() > 0, tag.getTimestamp());
		});
		checks.scenario("B2", () -> {
			for (Tag tag : Arrays.asList((Tag) client.read("tag:test1"), (Tag) client.read("tag", "test1"),
					(Tag) client.read("tag", "tag:test1"))) {
				checks.equal("B2", "read by id, short id and full id", "tag:test1/test1", tag.getId() + "/" + tag.getTag());
			}
		});
		checks.scenario("B3", () -> {
			Tag tag = client.read("tag:test1");
			tag.setCount(15);
			Tag got = client.update(tag);
			checks.equal("B3", "count", 15, got.getCount());
			checks.equal("B3", "tag unchanged", "test1", got.getTag());
			checks.holds("B3", "updated", got.getUpdated() != null && got.getUpdated() > 0, got.getUpdated());
			checks.equal("B3", "stored count", 15, ((Tag) client.read("tag", "test1")).getCount());
		});
		checks.scenario("B8", () -> {
			client.delete(new Tag("test1"));
			checks.equal("B8", "read after delete", null, client.read("tag:test1"));
			checks.equal("B8", "read by type after delete", null, client.read("tag", "test1"));
		});
	}

	private static void refused(Server server, ParaClient client, Checks checks) {
		checks.scenario("B4", () -> {
			User user = new User("u1");
			checks.equal("B4", "create() of an invalid user", null, client.create(user));
			String got = refusal(client, () -> client.create(user));
			checks.holds("B4", "400 and what is wrong", got != null && got.startsWith("400 - ") && got.contains("must not be blank"), got);
		});
		checks.scenario("B5", () -> checks.equal("B5", "update() of a missing object", null, client.update(make("sysprop", "null"))));
		checks.scenario("B9", () -> {
			com.erudika.para.core.App app = new com.erudika.para.core.App("para");
			checks.equal("B9", "create() of the root app", "400 - Failed to overwrite object.",
					refusal(server.root, () -> server.root.create(app)));
		});
		checks.scenario("B10", () -> {
			ParaObject got = server.root.read("app", "para");
			checks.equal("B10", "root reads itself", "app:para", got == null ? null : got.getId());
		});
	}

	private static void customType(ParaClient client, Checks checks) {
		checks.scenario("B6", () -> {
			Sysprop dog = client.create(make("dog", null, "foo", "bark!"));
			checks.holds("B6", "generated id of digits", dog.getId().matches("\\d+"), dog.getId());
			checks.equal("B6", "custom member", "bark!", dog.getProperty("foo"));
			Sysprop got = client.read("dog", dog.getId());
			checks.equal("B7", "read back", "bark!", got.getProperty("foo"));
			checks.equal("B7", "type", "dog", got.getType());
			client.delete(got);
			checks.equal("B8", "read after delete", null, client.read("dog", dog.getId()));
			checks.equal("B8", "read by id after delete", null, client.read(dog.getId()));
		});
	}

	private static void apps(Server server, Checks checks) {
		App child = server.newApp("single-child");
		checks.scenario("B11", () -> {
			com.erudika.para.core.App me = child.client.me();
			checks.equal("B11", "me() of a new app", child.id, me.getId());
			me.setName("Child application");
			child.client.update(me);
			com.erudika.para.core.App renamed = child.client.me();
			checks.equal("B11", "name after update()", "Child application", renamed.getName());
		});
		checks.scenario("B12", () -> {
			child.client.delete(child.client.me());
			checks.equal("B12", "me() of a deleted app", null, child.client.me());
			checks.equal("B12", "newId() of a deleted app", "", child.client.newId());
			checks.equal("B12", "root finds it no more", null, server.root.read(child.id));
		});
	}

	private static void versions(ParaClient client, Checks checks) {
		checks.scenario("B13", () -> {
			Sysprop sent = make("dog", "versioned", "foo", "a");
			sent.setVersion(1L);
			client.create(sent);
			Sysprop wrong = make("dog", "versioned", "foo", "b");
			wrong.setVersion(5L);
			checks.equal("B13", "wrong version", "412 - Update failed due to 'version' mismatch.",
					refusal(client, () -> client.update(wrong)));
			checks.equal("B13", "update() with a wrong version", null, client.update(wrong));
			Sysprop got = client.read("dog", "versioned");
			checks.equal("B13", "object unchanged", "a/1", got.getProperty("foo") + "/" + got.getVersion());
			Sysprop right = make("dog", "versioned", "foo", "b");
			right.setVersion(1L);
			got = client.update(right);
			checks.equal("B13", "update() with the right version", "b/2", got.getProperty("foo") + "/" + got.getVersion());
		});
	}

	private static void patchAndSelect(ParaClient client, Checks checks) {
		checks.scenario("B14", () -> {
			Sysprop sent = make("dog", "patched", "foo", "a");
			sent.setName("Rex");
			client.create(sent);
			Map<String, Object> change = new HashMap<>();
			change.put("foo", null);
			change.put("name", null);
			client.invokePatch("dog/patched", change, Map.class);
			Sysprop got = client.read("dog", "patched");
			checks.equal("B14", "null removes a custom member", null, got.getProperty("foo"));
			checks.equal("B14", "null keeps a declared field", "Rex", got.getName());
		});
		checks.scenario("B15", () -> {
			client.create(App.named("dog", "selected", "Rex"));
			checks.equal("B15", "select=id,name", Map.of("id", "selected", "name", "Rex"),
					client.invokeGet("dog/selected", query("select", "id,name"), Map.class));
			checks.equal("B15", "select=id&select=name", Map.of("id", "selected", "name", "Rex"),
					client.invokeGet("dog/selected", query("select", "id", "select", "name"), Map.class));
		});
	}
}
