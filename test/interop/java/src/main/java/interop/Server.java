package interop;

import com.erudika.para.client.ParaClient;
import java.security.SecureRandom;
import java.util.Map;

/** The server under test: endpoint and root keys. */
final class Server {

	final String endpoint;
	final ParaClient root;
	private final String run = Integer.toHexString(new SecureRandom().nextInt());

	Server(String endpoint, String rootSecret) {
		this.endpoint = endpoint;
		this.root = client("app:para", rootSecret);
	}

	/** An unmodified client that talks to this server. */
	ParaClient client(String access, String secret) {
		ParaClient made = new ParaClient(access, secret);
		made.setEndpoint(endpoint);
		return made;
	}

	/** Makes a child app through _setup, with a name that no other run uses. */
	App newApp(String purpose) {
		String name = "interop-java-" + purpose + "-" + run;
		Map<String, String> keys = root.invokeGet("_setup/" + name, null, Map.class);
		if (keys == null || !keys.containsKey("secretKey")) {
			throw new IllegalStateException("_setup/" + name + " gave no keys: " + keys);
		}
		return new App(this, name, keys.get("accessKey"), keys.get("secretKey"));
	}
}
