package interop;

import static interop.App.ids;
import static interop.App.make;
import static interop.App.property;
import static interop.App.refusal;
import static interop.App.sortedIds;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.App.AllowedMethods;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.Sysprop;
import com.erudika.para.core.User;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** 4.13 Password users and ownership. Unverified e-mails are allowed from M2 on. */
final class PasswordUsers {

	private static final String PASSWORD = "12345678";

	private PasswordUsers() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("owners");
		unverified(app, checks);
		app.client.addAppSetting("security.allow_unverified_emails", true);
		ParaClient first = server.client(app.id, "");
		ParaClient second = server.client(app.id, "");
		signUp(app, first, second, checks);
		ownRecord(app, first, checks);
		checks.scenario("M7", () -> ownership(app, first, second, checks));
		deleted(server, app, first, checks);
	}

	private static User signIn(ParaClient client, String email) {
		return client.signIn("password", email + "::" + PASSWORD);
	}

	private static void unverified(App app, Checks checks) {
		checks.scenario("M1", () -> {
			checks.equal("M1", "refused", "400 - Failed to authenticate user with 'password'. Check if user is active.",
					refusal(app.client, () -> signIn(app.client, "test2@user.com")));
			List<User> found = app.client.findTerms("user", Map.of("email", "test2@user.com"), true);
			checks.equal("M1", "but stored", 1, found.size());
			checks.equal("M1", "inactive", "test2@user.com false", found.get(0).getEmail() + " " + found.get(0).getActive());
			app.client.delete(found.get(0));
			checks.equal("M1", "deleted", null, app.client.read("user", found.get(0).getId()));
			checks.equal("M1", "identity record gone", null, app.client.read("test2@user.com"));
		});
	}

	private static void signUp(App app, ParaClient first, ParaClient second, Checks checks) {
		checks.scenario("M2", () -> {
			User third = signIn(first, "test3@user.com");
			User fourth = signIn(second, "test4@user.com");
			checks.equal("M2", "users created", "test3@user.com true test4@user.com true", third.getEmail() + " "
					+ third.getActive() + " " + fourth.getEmail() + " " + fourth.getActive());
			checks.equal("M3", "same user next time", third.getId(), signIn(first, "test3@user.com").getId());
			ParaClient other = app.server.client(app.id, "");
			checks.equal("M3", "wrong password", null, other.signIn("password", "test3@user.com::123456789"));
			checks.equal("M4", "capitals in the address", fourth.getId(), signIn(second, "TEST4@user.COM").getId());
			checks.equal("M4", "two users in all", 2L, app.client.getCount("user"));
		});
	}

	private static void ownRecord(App app, ParaClient client, Checks checks) {
		checks.scenario("M5", () -> {
			User user = client.me();
			for (ParaClient asking : List.of(app.client, client)) {
				String who = asking == client ? "user" : "app";
				checks.equal("M5", "own record, asked by the " + who, true,
						asking.isAllowedTo(user.getId(), user.getObjectURI(), "GET"));
				checks.equal("M5", "another, asked by the " + who, false,
						asking.isAllowedTo(user.getId(), user.getObjectURI() + "x", "GET"));
			}
			checks.equal("M6", "read(id)", user, client.read(user.getId()));
			checks.equal("M6", "read(type, id)", user, client.read("user", user.getId()));
		});
	}

	private static void grant(App app, User user) {
		for (String path : List.of("todo", "todo/*")) {
			app.client.grantResourcePermission(user.getId(), path, EnumSet.of(AllowedMethods.READ_WRITE, AllowedMethods.OWN));
		}
	}

	private static void ownership(App app, ParaClient first, ParaClient second, Checks checks) {
		User owner = first.me();
		User other = second.me();
		checks.equal("M7", "before the grant", false, app.client.isAllowedTo(owner.getId(), "todo", "POST"));
		grant(app, owner);
		checks.equal("M7", "after it", true, app.client.isAllowedTo(owner.getId(), "todo", "POST"));

		Sysprop milk = make("todo", "todo_id", "priority", 1);
		milk.setName("[] buy milk");
		milk.setCreatorid("invalid_user_id");
		Sysprop made = first.create(milk);
		checks.equal("M8", "id and owner are the user's", owner.getId() + "_todo_id " + owner.getId(),
				made.getId() + " " + made.getCreatorid());
		checks.equal("M9", "read()", "[] buy milk", ((ParaObject) first.read("todo", made.getId())).getName());
		checks.equal("M9", "findQuery()", List.of(made.getId()), ids(first.findQuery("todo", "*")));

		grant(app, other);
		checks.equal("M10", "list() before any own", List.of(), second.list("todo"));
		checks.equal("M10", "read(type, id)", null, second.read("todo", made.getId()));
		app.client.grantResourcePermission(other.getId(), "_id", EnumSet.of(AllowedMethods.GET, AllowedMethods.OWN));
		checks.equal("M10", "read(id) is a 404", null, refusal(second, () -> second.read(made.getId())));
		checks.equal("M10", "read(id)", null, second.read(made.getId()));
		ParaObject eggs = second.create(App.named("todo", null, "[] buy eggs"));
		checks.equal("M10", "owner of the own", other.getId(), eggs.getCreatorid());
		checks.equal("M10", "findQuery()", List.of(eggs.getId()), ids(second.findQuery("todo", "*")));
		checks.equal("M11", "the app sees both", Stream.of(made.getId(), eggs.getId()).sorted().toList(),
				sortedIds(app.client.list("todo")));

		Sysprop stolen = make("todo", made.getId(), "priority", 9);
		checks.equal("M12", "update()", "400 - Bad Request", refusal(second, () -> second.update(stolen)));
		checks.equal("M12", "delete()", "400 - Bad Request", refusal(second, () -> {
			second.delete(stolen);
			return null;
		}));
		ParaObject separate = second.create(stolen);
		checks.equal("M12", "PUT makes an object of its own", other.getId() + "_" + made.getId() + " " + other.getId(),
				separate.getId() + " " + separate.getCreatorid());
		Sysprop kept = app.client.read("todo", made.getId());
		checks.equal("M12", "the first is unchanged", "1 " + owner.getId(), property(kept, "priority") + " " + kept.getCreatorid());
	}

	private static void deleted(Server server, App app, ParaClient client, Checks checks) {
		checks.scenario("M13", () -> {
			User user = client.me();
			checks.equal("M13", "identity record", user.getId(), ((ParaObject) app.client.read("test3@user.com")).getCreatorid());
			app.client.delete(user);
			checks.equal("M13", "user gone", null, app.client.read("user", user.getId()));
			checks.equal("M13", "identity record gone", null, app.client.read("test3@user.com"));
			checks.equal("M13", "permission entries gone (D84)", false, app.client.resourcePermissions().containsKey(user.getId()));
			User again = signIn(server.client(app.id, ""), "test3@user.com");
			checks.equal("M13", "a new user", false, again.getId().equals(user.getId()));
		});
	}
}
