package interop;

import static interop.App.make;
import static interop.App.refusal;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.ParaObject;
import java.util.Map;

/** 4.1 Authentication: signatures and super tokens. Tokens of users are the subject of 4.12. */
final class Authentication {

	private Authentication() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("auth");
		checks.scenario("A1", () -> {
			ParaClient unknown = server.client("app:interop-nobody", "x".repeat(56));
			checks.equal("A1", "me() of an unknown app", null, unknown.me());
			checks.equal("A1", "newId() of an unknown app", "", unknown.newId());
		});
		checks.scenario("A2", () -> {
			ParaClient wrong = server.client(app.id, "wrong".repeat(10));
			String got = refusal(wrong, wrong::me);
			checks.holds("A2", "403 with 'Invalid signature'",
					got != null && got.startsWith("403 - ") && got.contains("Invalid signature"), got);
			checks.equal("A2", "me() with a wrong secret", null, wrong.me());
		});
		checks.scenario("A8", () -> {
			com.erudika.para.core.App me = server.root.me();
			checks.equal("A8", "root me()", "app:para", me.getId());
			checks.equal("A8", "type", "app", me.getType());
			Map<String, Object> raw = server.root.invokeGet("_me", null, Map.class);
			checks.equal("A8", "no secret", false, raw.containsKey("secret"));
			checks.equal("A8", "no settings", false, raw.containsKey("settings"));
		});
		checks.scenario("4.1", () -> checks.equal("4.1", "child getApp()", app.id, app.client.getApp().getId()));
		checks.scenario("A9", () -> {
			for (String header : new String[] {"{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"}) {
				String token = Jwt.sign(header, app.id, app.secret, "");
				ParaObject me = server.client(app.id, "").me(token);
				checks.equal("A9", "me(token) with " + header, app.id, me == null ? null : me.getId());
				ParaClient bearer = server.client(app.id, "");
				bearer.setAccessToken(token);
				ParaObject made = bearer.create(App.named("cat", null, "Tom"));
				checks.equal("A9", "create() with " + header, "Tom", made == null ? null : made.getName());
			}
		});
		checks.scenario("A7", () -> {
			ParaClient bearer = server.client(app.id, "");
			bearer.setAccessToken("x.y.z");
			checks.equal("A7", "me() with a broken token", null, bearer.me());
			String got = refusal(bearer, bearer::newId);
			checks.equal("A7", "newId() with a broken token",
					"401 - You don't have permission to access this resource. [GET /v1/utils/newid]", got);
		});
		checks.scenario("A13", () -> {
			App other = server.newApp("auth-other");
			checks.equal("A13", "object made", "a13", app.client.create(make("cat", "a13")).getId());
			checks.equal("A13", "read(id) by another app", null, other.client.read("a13"));
			checks.equal("A13", "read(type, id) by root", null, server.root.read("cat", "a13"));
		});
	}
}
