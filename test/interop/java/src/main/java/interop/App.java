package interop;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.Address;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.Sysprop;
import com.erudika.para.core.Tag;
import com.erudika.para.core.utils.Pager;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One app: identifier, keys, a client that signs with them, and the fixture of acceptance scenario 4.0. */
final class App {

	static final String SENTENCE_1 = "This is a little test sentence. Testing, one, two, three.";
	static final String SENTENCE_2 = "We are testing this thing. This sentence is a test. One, two.";

	final Server server;
	final String name;
	final String id;
	final String secret;
	final ParaClient client;

	App(Server server, String name, String id, String secret) {
		this.server = server;
		this.name = name;
		this.id = id;
		this.secret = secret;
		this.client = server.client(id, secret);
	}

	/** An object of any type; without an id the server chooses one. Properties come as name, value, name, value … */
	static Sysprop make(String type, String id, Object... properties) {
		Sysprop made = new Sysprop(id);
		made.setType(type);
		for (int i = 0; i < properties.length; i += 2) {
			made.addProperty((String) properties[i], properties[i + 1]);
		}
		return made;
	}

	static Sysprop named(String type, String id, String name, String... tags) {
		Sysprop made = make(type, id);
		made.setName(name);
		if (tags.length > 0) {
			made.setTags(List.of(tags));
		}
		return made;
	}

	static <P extends ParaObject> P child(P object, String parent) {
		object.setParentid(parent);
		return object;
	}

	static List<String> ids(List<? extends ParaObject> objects) {
		List<String> ids = new ArrayList<>();
		objects.forEach(o -> ids.add(o.getId()));
		return ids;
	}

	static List<String> sortedIds(List<? extends ParaObject> objects) {
		List<String> ids = ids(objects);
		ids.sort(null);
		return ids;
	}

	/** The custom member of an object, null when the object or the member is absent. */
	static Object property(ParaObject object, String name) {
		return object instanceof Sysprop ? ((Sysprop) object).getProperty(name) : null;
	}

	static MultivaluedMap<String, String> query(String... namesAndValues) {
		MultivaluedMap<String, String> made = new MultivaluedHashMap<>();
		for (int i = 0; i < namesAndValues.length; i += 2) {
			made.add(namesAndValues[i], namesAndValues[i + 1]);
		}
		return made;
	}

	static Pager pager(String sort, boolean descending, int limit) {
		return new Pager(1, sort, descending, limit);
	}

	/** A request as the client makes it. */
	interface Call {
		Object run();
	}

	/**
	 * What the server refused a request with, as "status - message"; null for success and for 404, which the client
	 * does not report.
	 */
	static String refusal(ParaClient client, Call call) {
		client.throwExceptionOnHTTPError(true);
		try {
			call.run();
			return null;
		} catch (RuntimeException refused) {
			return refused.getMessage().replaceFirst("^Failed to execute signed \\S+ request to \\S+: ", "");
		} finally {
			client.throwExceptionOnHTTPError(false);
		}
	}

	private static Address address(String id, String latlng, String parent) {
		Address made = new Address(id);
		made.setName("Place " + id.substring(3));
		made.setAddress("NYC");
		made.setCountry("US");
		made.setLatlng(latlng);
		made.setParentid(parent);
		made.setCreatorid(parent);
		return made;
	}

	/** Stores the nine objects of 4.0 and checks the answer. */
	Map<String, ParaObject> fixture(Checks checks) {
		Tag tag = new Tag("test");
		tag.setCount(3);
		Sysprop word = make("тип", "уникод");
		word.setAppid("another-app");
		List<ParaObject> wanted = List.of(
				named("sysprop", "c111", "John Doe", "one", "two", "three"),
				named("sysprop", "c222", "Joe Black", "two", "four", "three"),
				named("sysprop", "c333", "Ann Smith", "four", "five", "three"),
				tag,
				make("sysprop", "s1", "text", SENTENCE_1),
				make("sysprop", "s2", "text", SENTENCE_2),
				word,
				address("adr1", "40.67,-73.94", "c111"),
				address("adr2", "40.69,-73.95", "tag:test"));
		checks.scenario("4.0", () -> {
			List<ParaObject> made = client.createAll(wanted);
			checks.equal("4.0", "nine objects in the order sent", ids(wanted), ids(made));
			for (ParaObject object : made) {
				checks.equal("4.0", "appid of " + object.getId(), name, object.getAppid());
			}
		});
		Map<String, ParaObject> byId = new LinkedHashMap<>();
		wanted.forEach(o -> byId.put(o.getId(), o));
		return byId;
	}
}
