package interop;

import static interop.App.ids;
import static interop.App.make;
import static interop.App.named;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.Sysprop;
import java.util.List;

/** 4.4 Unusual ids and types. The link and vote steps of D4 run with 4.7 and 4.9. */
final class UnusualIds {

	private static final String ID_1 = "test123file.txt";
	private static final String TYPE_1 = "type?=-+^><_|'";
	private static final String ID_2 = "file.txt-^><±_|'";

	private UnusualIds() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("ids");
		ParaClient client = app.client;
		app.fixture(checks);
		checks.scenario("D1", () -> roundTrip(client, checks, "D1", ID_1, TYPE_1, TYPE_1));
		// This client sends a space in a path as +, and + stays + there.
		checks.scenario("D2", () -> roundTrip(client, checks, "D2", ID_2, "___ type 123  +__", "+type+123+++__"));
		checks.scenario("D3", () -> {
			List<Sysprop> two = List.of(named(TYPE_1, ID_1, "one"), named(" type 123  +__", ID_2, "two"));
			List<String> keys = ids(two);
			checks.equal("D3", "createAll in order", keys, ids(client.createAll(two)));
			List<Sysprop> got = client.readAll(keys);
			checks.equal("D3", "readAll in order", keys, ids(got));
			checks.equal("D3", "types", List.of(TYPE_1, " type 123  +__"), List.of(got.get(0).getType(), got.get(1).getType()));
			client.deleteAll(keys);
			checks.equal("D3", "none left", List.of(), client.readAll(keys));
		});
		checks.scenario("D4", () -> {
			Sysprop word = client.read("уникод");
			checks.equal("D4", "read by id", "уникод тип", word.getId() + " " + word.getType());
			checks.equal("D4", "read by type and id", "уникод", ((ParaObject) client.read("тип", "уникод")).getId());
			word.addProperty("text", "текст");
			checks.equal("D4", "update", "текст", client.update(word).getProperty("text"));
			checks.equal("D4", "stored text", "текст", App.property(client.read("уникод"), "text"));
			client.delete(word);
			checks.equal("D4", "read after delete", null, client.read("уникод"));
		});
		checks.scenario("D5", () -> {
			String odd = "x'(1)*!~";
			checks.equal("D5", "created", odd, client.create(make("cat", odd)).getId());
			checks.equal("D5", "read by id", odd, ((ParaObject) client.read(odd)).getId());
		});
		checks.scenario("D6", () -> {
			ParaObject made = client.create(named("cat", "a/b", "slash"));
			checks.equal("D6", "created", "a/b", made == null ? null : made.getId());
			ParaObject got = client.read("a/b");
			checks.equal("D6", "read by id", "slash", got == null ? null : got.getName());
			checks.equal("D6", "readAll", List.of("a/b"), ids(client.readAll(List.of("a/b"))));
		});
	}

	private static void roundTrip(ParaClient client, Checks checks, String scenario, String id, String sentType, String storedType) {
		Sysprop made = client.create(make(sentType, id, "foo", "bar"));
		checks.equal(scenario, "created", id + " " + storedType, made.getId() + " " + made.getType());
		Sysprop got = client.read(id);
		checks.equal(scenario, "read by id", id + " bar", got.getId() + " " + got.getProperty("foo"));
		checks.equal(scenario, "read by type and id", id, ((ParaObject) client.read(made.getType(), id)).getId());
		got.setName("new name");
		got = client.update(got);
		checks.equal(scenario, "update", "new name " + storedType, got.getName() + " " + got.getType());
		checks.equal(scenario, "stored name", "new name", ((ParaObject) client.read(id)).getName());
		client.delete(got);
		checks.equal(scenario, "read after delete", null, client.read(id));
	}
}
