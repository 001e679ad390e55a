package interop;

import static interop.App.refusal;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.App.AllowedMethods;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.User;
import java.util.Map;

/**
 * 4.12 Tokens of users. The provider is `password` with unverified e-mails allowed.
 *
 * L11 is a promise of newer clients: this one does not keep other callers waiting while one refreshes. Shown here instead:
 * a token that is due is refreshed once by the next request.
 */
final class Tokens {

	private static final String PASSWORD = "12345678";

	private Tokens() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("tokens");
		app.client.addAppSetting("security.allow_unverified_emails", true);
		refused(server, app, checks);
		firstUse(server, app, checks);
		signingAgain(server, app, checks);
		revoking(server, app, checks);
		refreshing(server, app, checks);
		oneSession(server, app, checks);
		due(server, checks);
		otherHeader(server, app, checks);
		passwordless(server, app, checks);
	}

	private static User signIn(ParaClient client, String name) {
		return client.signIn("password", name + "@user.com:" + name + ":" + PASSWORD);
	}

	private static String idOf(ParaObject object) {
		return object == null ? null : object.getId();
	}

	private static void refused(Server server, App app, Checks checks) {
		checks.scenario("L1", () -> checks.equal("L1", "root app", "403 - Can't authenticate user with app 'app:para' using "
				+ "provider 'password'. Reason: clients aren't allowed to access root app.",
				refusal(server.root, () -> signIn(server.root, "root"))));
		checks.scenario("L2", () -> {
			for (String[] bad : new String[][] {{"nosuch", "x"}, {"password", "no-separator"}, {"passwordless", "x.y.z"}}) {
				checks.equal("L2", bad[0] + " " + bad[1],
						"400 - Failed to authenticate user with '" + bad[0] + "'. Check if user is active.",
						refusal(app.client, () -> app.client.signIn(bad[0], bad[1])));
				checks.equal("L2", "signIn() with " + bad[0], null, app.client.signIn(bad[0], bad[1]));
			}
			checks.equal("L2", "the client still signs", app.id, idOf(app.client.me()));
		});
	}

	private static void firstUse(Server server, App app, Checks checks) {
		ParaClient client = server.client(app.id, "");
		checks.scenario("L3", () -> {
			User user = signIn(client, "first");
			checks.equal("L3", "user of signIn()", "user first first@user.com true",
					String.join(" ", user.getType(), user.getName(), user.getEmail(), user.getActive().toString()));
			checks.equal("L3", "its password is the token", client.getAccessToken(), user.getPassword());
			checks.equal("L3", "me()", user.getId(), idOf(client.me()));
			checks.equal("L3", "newId()", "403", status(refusal(client, client::newId)));
			checks.equal("L3", "getTimestamp()", "403", status(refusal(client, client::getTimestamp)));
		});
		checks.scenario("L4", () -> {
			User me = client.me();
			app.client.grantResourcePermission(me.getId(), "*", AllowedMethods.READ_AND_WRITE);
			User again = signIn(client, "first");
			checks.equal("L4", "same user", me.getId(), again.getId());
			checks.equal("L4", "me()", again.getName(), ((User) client.me()).getName());
			checks.holds("L4", "newId()", client.newId().matches("[0-9]+"), client.newId());
			checks.holds("L4", "getTimestamp()", client.getTimestamp() > 0, client.getTimestamp());
		});
		checks.scenario("L6", () -> {
			checks.equal("L6", "a user gets no keys", "401 - Not an app.", refusal(client, client::newKeys));
			checks.equal("L6", "the app's keys still work", app.id, idOf(app.client.me()));
		});
	}

	private static String status(String refusal) {
		return refusal == null ? null : refusal.replaceFirst(" - .*", "");
	}

	private static void signingAgain(Server server, App app, Checks checks) {
		checks.scenario("L5", () -> {
			ParaClient client = server.client(app.id, app.secret);
			User user = signIn(client, "local");
			checks.equal("L5", "me() while signed in", user.getId(), idOf(client.me()));
			client.signOut();
			checks.equal("L5", "me() after local sign-out", app.id, idOf(client.me()));
			checks.equal("L5", "me(token)", user.getId(), idOf(client.me(user.getPassword())));
			checks.equal("L5", "no token is kept by it", app.id, idOf(client.me()));
		});
	}

	private static void revoking(Server server, App app, Checks checks) {
		checks.scenario("L7", () -> {
			ParaClient client = server.client(app.id, "");
			User user = signIn(client, "revoked");
			app.client.grantResourcePermission(user.getId(), "*", AllowedMethods.READ_AND_WRITE);
			checks.holds("L7", "newId() before", client.newId().matches("[0-9]+"), client.newId());
			Map<String, Object> answer = client.invokeDelete("/jwt_auth", null, Map.class);
			checks.equal("L7", "answer", Map.of("code", 200, "message", "All tokens revoked for user " + user.getId() + "!"), answer);
			checks.equal("L7", "me()", null, client.me());
			checks.equal("L7", "newId()", "401 - You don't have permission to access this resource. [GET /v1/utils/newid]",
					refusal(client, client::newId));
			signIn(client, "revoked");
			checks.equal("L7", "signed in again", user.getId(), idOf(client.me()));
			checks.equal("L7", "revokeAllTokens()", true, client.revokeAllTokens());
			checks.equal("L7", "me() afterwards", null, client.me());
		});
	}

	private static void refreshing(Server server, App app, Checks checks) {
		checks.scenario("L8", () -> {
			ParaClient client = server.client(app.id, "");
			User user = signIn(client, "fresh");
			Map<String, Map<String, Object>> body = client.invokeGet("/jwt_auth", null, Map.class);
			checks.equal("L8", "user", user.getId(), body.get("user").get("id"));
			long expires = ((Number) body.get("jwt").get("expires")).longValue();
			long refresh = ((Number) body.get("jwt").get("refresh")).longValue();
			checks.holds("L8", "expires > refresh > now in milliseconds",
					expires > refresh && refresh > System.currentTimeMillis(), body.get("jwt"));
			ParaClient other = server.client(app.id, "");
			checks.equal("L8", "the new token", user.getId(), idOf(other.me((String) body.get("jwt").get("access_token"))));
			checks.equal("L8", "the old token (one session)", null, client.me());
			checks.equal("L9", "refreshing with a revoked token", "401 - User must reauthenticate.",
					refusal(client, () -> client.invokeGet("/jwt_auth", null, Map.class)));
			other.setAccessToken("x.y.z");
			checks.equal("L9", "refreshing with a broken token", "401 - User must reauthenticate.",
					refusal(other, () -> other.invokeGet("/jwt_auth", null, Map.class)));
		});
	}

	private static void oneSession(Server server, App app, Checks checks) {
		checks.scenario("L10", () -> {
			ParaClient first = server.client(app.id, "");
			ParaClient second = server.client(app.id, "");
			User user = signIn(first, "twice");
			signIn(second, "twice");
			checks.equal("L10", "older token", null, first.me());
			checks.equal("L10", "newer token", user.getId(), idOf(second.me()));
			app.client.addAppSetting("security.one_session_per_user", false);
			signIn(first, "twice");
			checks.equal("L10", "several sessions when the app wants them", user.getId(), idOf(second.me()));
			checks.equal("L10", "the other of them", user.getId(), idOf(first.me()));
			app.client.removeAppSetting("security.one_session_per_user");
		});
	}

	/** Half of its life is over after six seconds: then the client refreshes. */
	private static void due(Server server, Checks checks) {
		checks.scenario("L11", () -> {
			App app = server.newApp("due");
			app.client.setAppSettings(Map.of("security.allow_unverified_emails", true, "session_timeout", 12));
			ParaClient client = server.client(app.id, "");
			User user = signIn(client, "due");
			String before = client.getAccessToken();
			checks.equal("L11", "me()", user.getId(), idOf(client.me()));
			checks.equal("L11", "not due yet", before, client.getAccessToken());
			Thread.sleep(6200);
			checks.equal("L11", "me() when due", user.getId(), idOf(client.me()));
			String refreshed = client.getAccessToken();
			checks.equal("L11", "refreshed", false, before.equals(refreshed));
			checks.equal("L11", "me() after it", user.getId(), idOf(client.me()));
			checks.equal("L11", "once", refreshed, client.getAccessToken());
			checks.equal("L11", "the old token", null, server.client(app.id, "").me(before));
		});
	}

	/** This client signs in as it makes all requests: with its keys, as a guest, or with the token that it holds. */
	private static void otherHeader(Server server, App app, Checks checks) {
		checks.scenario("L12", () -> {
			String id = signIn(server.client(app.id, app.secret), "headers").getId();
			ParaClient client = server.client(app.id, "");
			checks.equal("L12", "as a guest", id, idOf(signIn(client, "headers")));
			checks.equal("L12", "with a valid token", id, idOf(signIn(client, "headers")));
			signIn(server.client(app.id, ""), "headers");
			checks.equal("L12", "the token is dead by now", null, client.me());
			checks.equal("L12", "with a dead token", id, idOf(signIn(client, "headers")));
			checks.equal("L12", "me()", id, idOf(client.me()));
		});
	}

	private static void passwordless(Server server, App app, Checks checks) {
		String key = "interop-secret-of-passwordless-tokens-0123456789";
		String claims = "\"identifier\":\"custom:42\",\"email\":\"less@user.com\",\"name\":\"Less Word\"";
		checks.scenario("L13", () -> {
			app.client.addAppSetting("app_secret_key", key);
			ParaClient client = server.client(app.id, "");
			User user = client.signIn("passwordless", Jwt.sign(app.id, key, claims));
			checks.equal("L13", "user created", "Less Word less@user.com custom:42",
					String.join(" ", user.getName(), user.getEmail(), user.getIdentifier()));
			checks.equal("L13", "me()", user.getId(), idOf(client.me()));
			checks.equal("L13", "same user next time", user.getId(), idOf(client.signIn("passwordless", Jwt.sign(app.id, key, claims))));
			checks.equal("L13", "signed with another key", null, client.signIn("passwordless", Jwt.sign(app.id, key + "x", claims)));
		});
	}
}
