package interop;

import static interop.App.refusal;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.App.AllowedMethods;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** 4.10 Resource permissions. */
final class Permissions {

	private static final String FORBIDDEN =
			"403 - You don't have permission to access this resource. [user: [GUEST], resource: GET /v1/utils/timestamp]";

	private Permissions() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("permissions");
		oneEntry(app.client, checks);
		everything(app.client, checks);
		precedence(app.client, checks);
		guests(server, app, checks);
		segments(app.client, checks);
		checks.scenario("J12", () -> checks.equal("J12", "no methods", "400 - No allowed methods specified.",
				refusal(app.client, () -> app.client.invokePut("_permissions/c222/ZG9n", List.of(), Map.class))));
		root(server, checks);
		checks.scenario("J14", () -> {
			for (String subject : List.of("*", "%2A")) {
				Map<String, Object> granted = app.client.invokePut("_permissions/" + subject + "/Y2F0", List.of("GET"), Map.class);
				checks.equal("J14", "grant to " + subject, Map.of("*", Map.of("cat", List.of("GET"))), granted);
				checks.equal("J14", "reading " + subject, granted, app.client.invokeGet("_permissions/" + subject, null, Map.class));
				app.client.invokeDelete("_permissions/" + subject, null, Map.class);
				checks.equal("J14", "nothing left after revoking " + subject, Map.of(), app.client.resourcePermissions());
			}
		});
	}

	private static void oneEntry(ParaClient client, Checks checks) {
		Map<String, Map<String, List<String>>> wanted = Map.of("c222", Map.of("dog", List.of("GET")));
		checks.scenario("J1", () -> checks.equal("J1", "a new app grants nothing", Map.of(), client.resourcePermissions()));
		checks.scenario("J2", () -> {
			checks.equal("J2", "answer of granting", wanted,
					client.grantResourcePermission("c222", "dog", EnumSet.of(AllowedMethods.GET)));
			checks.equal("J2", "of the subject", wanted, client.resourcePermissions("c222"));
			checks.equal("J2", "of all", wanted, client.resourcePermissions());
		});
		checks.scenario("J3", () -> {
			checks.equal("J3", "GET", true, client.isAllowedTo("c222", "dog", "GET"));
			checks.equal("J3", "POST", false, client.isAllowedTo("c222", "dog", "POST"));
		});
		checks.scenario("J4", () -> {
			client.revokeResourcePermission("c222", "dog");
			checks.equal("J4", "the subject is shown empty", Map.of("c222", Map.of()), client.resourcePermissions("c222"));
			checks.equal("J4", "GET", false, client.isAllowedTo("c222", "dog", "GET"));
			checks.equal("J4", "POST", false, client.isAllowedTo("c222", "dog", "POST"));
		});
	}

	private static void everything(ParaClient client, Checks checks) {
		for (EnumSet<AllowedMethods> methods : List.of(AllowedMethods.WRITE, EnumSet.of(AllowedMethods.POST,
				AllowedMethods.PUT, AllowedMethods.PATCH, AllowedMethods.DELETE))) {
			checks.scenario("J5", () -> {
				client.grantResourcePermission("c333", "*", methods);
				checks.equal("J5", "dog PUT after granting " + methods, true, client.isAllowedTo("c333", "dog", "PUT"));
				checks.equal("J5", "dog PATCH", true, client.isAllowedTo("c333", "dog", "PATCH"));
				checks.equal("J5", "dog GET", false, client.isAllowedTo("c333", "dog", "GET"));
			});
			checks.scenario("J6", () -> {
				client.revokeAllResourcePermissions("c333");
				checks.equal("J6", "subject gone", false, client.resourcePermissions().containsKey("c333"));
				checks.equal("J6", "dog PUT", false, client.isAllowedTo("c333", "dog", "PUT"));
			});
		}
	}

	/** dog PUT, dog GET, cat PUT, cat GET. */
	private static List<Boolean> allowed(ParaClient client, String subject) {
		return List.of(client.isAllowedTo(subject, "dog", "PUT"), client.isAllowedTo(subject, "dog", "GET"),
				client.isAllowedTo(subject, "cat", "PUT"), client.isAllowedTo(subject, "cat", "GET"));
	}

	private static void precedence(ParaClient client, Checks checks) {
		checks.scenario("J7", () -> {
			client.grantResourcePermission("c222", "dog", AllowedMethods.WRITE);
			client.grantResourcePermission("*", "cat", AllowedMethods.WRITE);
			client.grantResourcePermission("*", "*", AllowedMethods.READ);
			checks.equal("J7", "the own entry decides", List.of(true, false, true, true), allowed(client, "c222"));
		});
		checks.scenario("J8", () -> {
			client.revokeAllResourcePermissions("c222");
			checks.equal("J8", "entries of all remain", List.of(false, true, true, true), allowed(client, "c222"));
		});
		checks.scenario("J9", () -> {
			client.revokeResourcePermission("*", "cat");
			for (String subject : List.of("c222", "c333")) {
				checks.equal("J9", "reading remains for " + subject, List.of(false, true, false, true), allowed(client, subject));
			}
		});
	}

	private static void guests(Server server, App app, Checks checks) {
		checks.scenario("J10", () -> {
			ParaClient guest = server.client(app.id, "");
			app.client.revokeAllResourcePermissions("*");
			checks.equal("J10", "asked by the guest", false, guest.isAllowedTo("*", "utils/timestamp", "GET"));
			checks.equal("J10", "refused", FORBIDDEN, refusal(guest, guest::getTimestamp));
			Map<String, Map<String, List<String>>> granted =
					app.client.grantResourcePermission("*", "utils/timestamp", EnumSet.of(AllowedMethods.GET), true);
			checks.equal("J10", "granted to guests", Set.of("GET", "?"), Set.copyOf(granted.get("*").get("utils/timestamp")));
			checks.holds("J10", "getTimestamp()", guest.getTimestamp() > 0, guest.getTimestamp());
			checks.equal("J10", "GET", true, guest.isAllowedTo("*", "utils/timestamp", "GET"));
			checks.equal("J10", "DELETE", false, guest.isAllowedTo("*", "utils/timestamp", "DELETE"));
			app.client.revokeAllResourcePermissions("*");
		});
	}

	private static void segments(ParaClient client, Checks checks) {
		String[][] spellings = {{"ZG9n", "dog"}, {"dog", "dog"}, {"Kg==", "*"}, {"Kg", "*"}, {"*", "*"},
				{"utils%2Ftimestamp", "utils/timestamp"}, {"YT9iPmN-", "a?b>c~"}, {"dXNlcnM=", "users"}};
		for (String[] spelling : spellings) {
			checks.scenario("J11", () -> {
				Map<String, Object> granted = client.invokePut("_permissions/c222/" + spelling[0], List.of("GET"), Map.class);
				checks.equal("J11", "grant on " + spelling[0], Map.of("c222", Map.of(spelling[1], List.of("GET"))), granted);
				checks.equal("J11", "check of " + spelling[1], true, client.isAllowedTo("c222", spelling[1], "GET"));
				client.invokeDelete("_permissions/c222/" + spelling[0], null, Map.class);
				checks.equal("J11", "revoke of " + spelling[0], Map.of("c222", Map.of()), client.resourcePermissions("c222"));
			});
		}
		checks.scenario("J11", () -> {
			client.grantResourcePermission("c222", "dog", AllowedMethods.READ);
			checks.equal("J11", "a blank segment (D74)", "400 - Bad Request",
					refusal(client, () -> client.invokeDelete("_permissions/c222/%20", null, Map.class)));
			client.invokeDelete("_permissions/c222/!!", null, Map.class);
			checks.equal("J11", "nothing else revoked", Map.of("c222", Map.of("dog", List.of("GET"))), client.resourcePermissions("c222"));
			client.revokeAllResourcePermissions("c222");
		});
	}

	private static void root(Server server, Checks checks) {
		checks.scenario("J13", () -> {
			server.root.grantResourcePermission("*", "*", AllowedMethods.READ_AND_WRITE, true);
			try {
				ParaClient guest = server.client("app:para", "");
				checks.equal("J13", "the root app serves no guests", FORBIDDEN, refusal(guest, guest::getTimestamp));
			} finally {
				server.root.revokeAllResourcePermissions("*");
			}
			checks.equal("J13", "nothing left", false, server.root.resourcePermissions().containsKey("*"));
		});
	}
}
