package interop;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Tokens that no client makes: HS256, valid for ten minutes. */
final class Jwt {

	private Jwt() {
	}

	/** A token of the app that is signed with the key; further claims come as JSON members, "" for none. */
	static String sign(String app, String key, String claims) throws GeneralSecurityException {
		return sign("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", app, key, claims);
	}

	static String sign(String header, String app, String key, String claims) throws GeneralSecurityException {
		long now = System.currentTimeMillis() / 1000;
		String body = "{\"iat\":" + now + ",\"exp\":" + (now + 600) + ",\"nbf\":" + (now - 5) + ",\"appid\":\"" + app + "\""
				+ (claims.isEmpty() ? "" : "," + claims) + "}";
		Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
		String text = encoder.encodeToString(header.getBytes(StandardCharsets.UTF_8)) + "."
				+ encoder.encodeToString(body.getBytes(StandardCharsets.UTF_8));
		Mac mac = Mac.getInstance("HmacSHA256");
		mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
		return text + "." + encoder.encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
	}
}
