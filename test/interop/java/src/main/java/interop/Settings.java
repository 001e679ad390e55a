package interop;

import com.erudika.para.client.ParaClient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** 4.11 Settings. */
final class Settings {

	private Settings() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("settings");
		ParaClient client = app.client;
		checks.scenario("K1", () -> checks.equal("K1", "a new app has none", Map.of(), client.appSettings()));
		checks.scenario("K2", () -> {
			client.addAppSetting("prop1", 1);
			client.addAppSetting("prop2", true);
			client.addAppSetting("prop3", "string");
			checks.equal("K2", "kinds kept", Map.of("prop1", 1, "prop2", true, "prop3", "string"), client.appSettings());
		});
		checks.scenario("K3", () -> checks.equal("K3", "one setting", Map.of("value", 1), client.appSettings("prop1")));
		checks.scenario("K4", () -> {
			client.removeAppSetting("prop3");
			checks.equal("K4", "a missing setting (D2)", Map.of(), client.appSettings("prop3"));
			checks.equal("K4", "the others stay", Map.of("prop1", 1, "prop2", true), client.appSettings());
		});
		checks.scenario("K5", () -> {
			client.setAppSettings(Map.of("propX", "X", "propY", "Y"));
			checks.equal("K5", "all replaced", Map.of("propX", "X", "propY", "Y"), client.appSettings());
		});
		checks.scenario("K6", () -> {
			client.setAppSettings(Map.of());
			checks.equal("K6", "all cleared", Map.of(), client.appSettings());
		});
		checks.scenario("K7", () -> {
			client.addAppSetting("signin_success", "http://localhost/ok?jwt=id");
			client.addAppSetting("security.oauth.scope", "openid email");
			checks.equal("K7", "a key with dots", Map.of("value", "openid email"), client.appSettings("security.oauth.scope"));
			checks.equal("K7", "exactly these keys", "[security.oauth.scope, signin_success]",
					new TreeSet<>(client.appSettings().keySet()).toString());
			Map<String, Object> many = new LinkedHashMap<>();
			for (int i = 0; i < 100; i++) {
				many.put("k" + i + ".x", i);
			}
			client.setAppSettings(many);
			checks.equal("K7", "100 keys at once", many, client.appSettings());
		});
		checks.scenario("K8", () -> {
			Map<String, Object> me = client.invokeGet("_me", null, Map.class);
			checks.equal("K8", "no settings in _me", false, me.containsKey("settings"));
			Map<String, Object> read = client.invokeGet("app/" + app.name, null, Map.class);
			checks.equal("K8", "no settings in the app", false, read.containsKey("settings"));
		});
	}
}
