package interop;

import static interop.App.ids;
import static interop.App.make;
import static interop.App.named;
import static interop.App.pager;
import static interop.App.property;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.Address;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.Sysprop;
import com.erudika.para.core.Tag;
import com.erudika.para.core.User;
import com.erudika.para.core.Vote;
import com.erudika.para.core.Webhook;
import com.erudika.para.core.utils.Pager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * 4.17 The requests of a real application with the client that it uses: Scoold, a Q&amp;A site whose only storage is Para.
 *
 * Left out: the mails of Q2, which the application sends itself, the delivery of Q17, which needs webhook deliveries, and
 * the requests of Q18 and Q19 with a header that this client does not send.
 */
final class Scoold {

	private static final String SPACE = "scooldspace:mine:Mine";
	private static final String PASSWORD = "secret123";
	private static final String CHANGED = "changed123";
	private static final String HASH_OF_CHANGED = "$2b$12$LiiVDO7m40RKBQMoXZ2BEO0i3I8tYbqOQM/0IE/c2Wtltd2gK/xmK";

	private final Server server;
	private final Checks checks;
	private final App app;
	private final ParaClient client;
	private String uid = "";
	private String question = "";
	private String comment = "";
	private List<String> replies = List.of();

	private Scoold(Server server, Checks checks) {
		this.server = server;
		this.checks = checks;
		this.app = server.newApp("scoold");
		this.client = app.client;
		client.setChunkSize(200);
	}

	static void run(Server server, Checks checks) {
		Scoold site = new Scoold(server, checks);
		checks.scenario("Q1", site::firstStart);
		checks.scenario("Q2", site::register);
		checks.scenario("Q3", site::profile);
		checks.scenario("Q4", site::session);
		checks.scenario("Q5", site::ask);
		checks.scenario("Q6", site::answer);
		checks.scenario("Q7", site::comment);
		checks.scenario("Q8", site::vote);
		checks.scenario("Q9", site::edit);
		checks.scenario("Q10", site::tags);
		checks.scenario("Q11", site::spaces);
		checks.scenario("Q12", site::similar);
		checks.scenario("Q13", site::people);
		checks.scenario("Q14", site::reset);
		checks.scenario("Q15", site::changeEmail);
		checks.scenario("Q16", site::deleteQuestion);
		checks.scenario("Q17", site::event);
		checks.scenario("Q18", site::backup);
		checks.scenario("Q19", site::statistics);
	}

	private String profileId() {
		return uid + ":profile";
	}

	private Sysprop post() {
		return make("question", question);
	}

	/** The id of the user who signs in, null when that is refused. A client of its own keeps the site signing as the app. */
	private String signIn(String email, String password) {
		User user = server.client(app.id, "").signIn("password", email + "::" + password);
		return user == null ? null : user.getId();
	}

	private List<String> found(String type, String query) {
		return ids(client.findQuery(type, query));
	}

	private static Sysprop by(String creator, Sysprop object) {
		object.setCreatorid(creator);
		return object;
	}

	/** 87 settings as the application writes them: 21 of them null. */
	private static Map<String, Object> settings() {
		Map<String, Object> made = new LinkedHashMap<>(Map.of("security.allow_unverified_emails", false, "session_timeout", 86400,
				"security.one_session_per_user", true, "signin_success", "http://localhost:8000/signin/success?jwt=id",
				"gp_app_id", "", "app_secret_key", "k".repeat(40)));
		for (String alias : List.of("", "second", "third")) {
			for (String name : List.of("id", "name", "given_name", "family_name", "email", "picture")) {
				made.put("security.oauth" + alias + ".parameters." + name, null);
			}
			made.put("security.oauth" + alias + ".domain", null);
			made.put("security.oauth" + alias + ".scope", "openid email profile");
		}
		while (made.size() < 87) {
			made.put("security.ldap.setting" + made.size(), "");
		}
		return made;
	}

	private void firstStart() {
		checks.holds("Q1", "getTimestamp() of root", server.root.getTimestamp() > 0, server.root.getTimestamp());
		checks.holds("Q1", "apps are counted", server.root.getCount("app") >= 1, server.root.getCount("app"));
		checks.equal("Q1", "the app is not there yet", null, server.root.read("app:interop-no-scoold"));
		Map<String, Object> wanted = settings();
		client.setAppSettings(wanted);
		wanted.values().removeIf(v -> v == null);
		checks.equal("Q1", "66 settings are left", 66, wanted.size());
		checks.equal("Q1", "settings", wanted, client.appSettings());
		checks.holds("Q1", "getTimestamp()", client.getTimestamp() > 0, client.getTimestamp());
		checks.equal("Q1", "no users yet", 0L, client.getCount("user"));
		for (String key : List.of("theme:custom", "api_keys", "language:en", "template:about")) {
			checks.equal("Q1", "absent " + key, null, client.read(key));
		}
		checks.equal("Q1", "no spaces", List.of(), client.findQuery("scooldspace", "*"));
		checks.equal("Q1", "no subscribers", List.of(),
				client.readAll(List.of("email-alerts:new_post_subscribers", "email-alerts:new_reply_subscribers")));
	}

	private void register() {
		checks.equal("Q2", "sign-up before the address is verified", null,
				server.client(app.id, "").signIn("password", "jane@example.com:Jane:" + PASSWORD));
		Sysprop identity = client.read("jane@example.com");
		uid = identity.getCreatorid();
		User user = client.read("user", uid);
		checks.equal("Q2", "inactive user", "Jane jane@example.com false",
				String.join(" ", user.getName(), user.getEmail(), user.getActive().toString()));
		String hash = (String) identity.getProperty("password");
		checks.holds("Q2", "bcrypt hash", hash.startsWith("$2"), hash);
		identity.addProperty("etoken", "e-token");
		identity.addProperty("confirmationTimestamp", 1700000000000L);
		client.update(identity);
		checks.equal("Q2", "still no sign-in", null, signIn("jane@example.com", PASSWORD));
		Sysprop after = client.read("jane@example.com");
		checks.equal("Q2", "own members are kept", "e-token 1700000000000 " + hash,
				after.getProperty("etoken") + " " + after.getProperty("confirmationTimestamp") + " " + after.getProperty("password"));
		checks.holds("Q2", "updated is set", after.getUpdated() != null && after.getUpdated() > 0, after.getUpdated());
		user.setActive(true);
		checks.equal("Q2", "activated", true, client.update(user).getActive());
		checks.equal("Q2", "sign-in", uid, signIn("jane@example.com", PASSWORD));
	}

	private void profile() {
		Sysprop jane = by(uid, make("profile", profileId(), "originalName", "Jane", "groups", "admins", "location", "Berlin",
				"aboutme", "I like SQL", "spaces", List.of(SPACE), "favtags", List.of("java", "sql"), "favtagsEmailsEnabled", true));
		jane.setName("Jane");
		checks.equal("Q3", "profile", uid, client.create(jane).getCreatorid());
		List<ParaObject> both = client.readAll(List.of(uid, profileId()));
		checks.equal("Q3", "user first, profile second", List.of(uid, profileId()), ids(both));
		checks.equal("Q3", "types", "user profile", both.get(0).getType() + " " + both.get(1).getType());
		checks.equal("Q3", "spaces", List.of(SPACE), property(both.get(1), "spaces"));
	}

	private void session() {
		ParaClient first = server.client(app.id, "");
		ParaClient second = server.client(app.id, "");
		User user = first.signIn("password", "jane@example.com::" + PASSWORD);
		checks.equal("Q4", "me() without any grant", uid, ((User) first.me()).getId());
		checks.equal("Q4", "me(token) of the application", uid, ((User) client.me(user.getPassword())).getId());
		second.signIn("password", "jane@example.com::" + PASSWORD);
		checks.equal("Q4", "signed in elsewhere", null, first.me());
		checks.equal("Q4", "the second session", uid, ((User) second.me()).getId());
		checks.equal("Q4", "revokeAllTokens()", true, second.revokeAllTokens());
		checks.equal("Q4", "signed out", null, second.me());
	}

	private void ask() {
		checks.equal("Q5", "no tags yet", List.of(), client.readAll(List.of("tag:java", "tag:sql")));
		List<Tag> tags = new ArrayList<>();
		for (String name : List.of("java", "sql")) {
			Tag tag = new Tag(name);
			tag.setCount(1);
			tags.add(tag);
		}
		checks.equal("Q5", "tags", List.of("tag:java", "tag:sql"), ids(client.createAll(tags)));
		checks.equal("Q5", "tags read", List.of("tag:java", "tag:sql"), ids(client.readAll(List.of("tag:java", "tag:sql"))));
		Sysprop asked = by(profileId(), make("question", null, "title", "How to join tables", "body", "Some **markdown**", "space", SPACE,
				"followers", Map.of(uid, "jane@example.com"), "answercount", 0, "viewcount", 0));
		asked.setTags(List.of("java", "sql"));
		Sysprop made = client.create(asked);
		question = made.getId();
		checks.equal("Q5", "question", "question " + profileId(), made.getType() + " " + made.getCreatorid());
		for (String q : List.of("properties.space:\"" + SPACE + "\"", "(properties.space:\"x\" OR properties.space:\"" + SPACE + "\")",
				"tags:(java AND sql)", "tags:\"java\" OR tags:\"none\"", "tags:sq*", "\"jane@example.com\"",
				"properties.answercount:0", "join")) {
			checks.equal("Q5", "found at once by " + q, List.of(question), found("question", q));
		}
		for (String q : List.of("type:(question)", "type:(question OR sticky)", "type:question OR type:unapprovedreply",
				"type:(question OR unapprovedquestion) AND properties.space:\"" + SPACE + "\"")) {
			checks.equal("Q5", "found without type by " + q, List.of(question), found("", q));
		}
		String refused = App.refusal(client, () -> client.findQuery("question", "bad \"quote"));
		checks.holds("Q5", "bad syntax", refused != null && refused.startsWith("400 - Invalid query string syntax q="), refused);
	}

	private void answer() {
		List<String> made = new ArrayList<>();
		for (int n = 0; n < 3; n++) {
			Sysprop reply = by(profileId(), App.child(make("reply", null, "body", "Answer " + n), question));
			reply.setVotes(n);
			made.add(client.create(reply).getId());
		}
		replies = List.copyOf(made);
		checks.equal("Q6", "batch of two types", List.of(replies.get(0), question), ids(client.updateAll(List.of(
				make("reply", replies.get(0), "body", "Better"), make("question", question, "viewcount", 7)))));
		checks.equal("Q6", "children by votes", List.of(replies.get(2), replies.get(1), replies.get(0)),
				ids(client.getChildren(post(), "reply", pager("votes", true, 30))));
		client.update(make("question", question, "answerid", replies.get(0), "answercount", 1));
		checks.equal("Q6", "no longer unanswered", List.of(), found("question", "properties.answercount:0"));
		checks.equal("Q6", "has an answer", List.of(question), found("question", "properties.answerid:[* TO *]"));
		checks.equal("Q6", "answers of the author", 3, found("", "type:(reply) AND creatorid:(\"" + profileId() + "\")").size());
	}

	private void comment() {
		checks.equal("Q7", "none yet", 0L, client.getCount("comment", Map.of("parentid", question)));
		comment = client.create(by(profileId(), App.child(make("comment", null, "comment", "Nice"), question))).getId();
		checks.equal("Q7", "one", 1L, client.getCount("comment", Map.of("parentid", question)));
		Pager pager = pager("timestamp", false, 5);
		checks.equal("Q7", "of others", List.of(),
				client.findChildren(post(), "comment", "!(creatorid:\"" + profileId() + "\")", pager));
		checks.equal("Q7", "of all", List.of(comment), ids(client.findChildren(post(), "comment", "*", pager)));
	}

	private int votes() {
		return ((ParaObject) client.read("question", question)).getVotes();
	}

	private void vote() {
		int before = votes();
		checks.equal("Q8", "up", true, client.voteUp(post(), "4711", 600, 600));
		List<Vote> votes = client.readAll(List.of("vote:4711:" + question));
		checks.equal("Q8", "vote record", "up 600 600",
				votes.get(0).getValue() + " " + votes.get(0).getExpiresAfter() + " " + votes.get(0).getLockedAfter());
		checks.equal("Q8", "votes", before + 1, votes());
		checks.equal("Q8", "undone", true, client.voteDown(post(), "4711", 600, 600));
		checks.equal("Q8", "votes back", before, votes());
	}

	private void edit() {
		client.create(by(profileId(), App.child(make("revision", "rev1", "title", "How to join tables", "original", true), question)));
		Sysprop whole = client.read("question", question);
		whole.addProperty("title", "How to join two tables");
		whole.addProperty("tagsString", "java,sql");
		whole.addProperty("closed", false);
		whole.addProperty("location", null);
		checks.equal("Q9", "edited", "How to join two tables", property(client.update(whole), "title"));
		Sysprop after = client.read("question", question);
		checks.equal("Q9", "followers unchanged", Map.of(uid, "jane@example.com"), after.getProperty("followers"));
		checks.equal("Q9", "derived members are stored", "java,sql false",
				after.getProperty("tagsString") + " " + after.getProperty("closed"));
		checks.equal("Q9", "still found", List.of(question), found("question", "\"jane@example.com\""));
	}

	private void tags() {
		checks.equal("Q10", "completion", List.of("tag:java"), ids(client.findTags("ja")));
		List<Sysprop> more = new ArrayList<>();
		for (int n = 0; n < 5; n++) {
			more.add(named("question", "tagged" + n, "T", "java"));
		}
		client.createAll(more);
		client.updateAllPartially((changes, pager) -> {
			List<ParaObject> page = client.findTagged("question", new String[] {"java"}, pager);
			page.forEach(o -> changes.add(Map.of("id", o.getId(),
					"tags", o.getTags().stream().map(t -> t.equals("java") ? "jvm" : t).toList())));
			return page;
		}, 2, 100);
		client.create(new Tag("jvm"));
		client.delete(new Tag("java"));
		checks.equal("Q10", "old tag", List.of(), client.findTagged("question", new String[] {"java"}));
		checks.equal("Q10", "new tag", 6, client.findTagged("question", new String[] {"jvm"}).size());
		checks.equal("Q10", "the second tag is kept", List.of(question), ids(client.findTagged("question", new String[] {"jvm", "sql"})));
		checks.equal("Q10", "tag deleted", null, client.read("tag", "tag:java"));
	}

	private void spaces() {
		String renamed = "scooldspace:mine:Ours";
		checks.equal("Q11", "who is in the space", List.of(profileId()), found("profile", "properties.spaces:(\"" + SPACE + "\")"));
		checks.equal("Q11", "and not in another", List.of(profileId()),
				found("profile", "properties.spaces:(+\"" + SPACE + "\" -\"other\")"));
		client.invokePatch("_batch", List.of(Map.of("id", profileId(), "spaces", List.of(renamed))), List.class);
		client.updateAllPartially((changes, pager) -> {
			List<ParaObject> page = client.findQuery("", "properties.space:(\"" + SPACE + "\")", pager);
			page.forEach(o -> changes.add(Map.of("id", o.getId(), "space", renamed)));
			return page;
		});
		checks.equal("Q11", "nobody in the old", List.of(), found("", "properties.spaces:(\"" + SPACE + "\")"));
		checks.equal("Q11", "somebody in the new", List.of(profileId()), found("", "properties.spaces:(\"" + renamed + "\")"));
		checks.equal("Q11", "nothing in the old", List.of(), found("", "properties.space:(\"" + SPACE + "\")"));
		checks.equal("Q11", "the question in the new", List.of(question), found("", "properties.space:(\"" + renamed + "\")"));
	}

	private void similar() {
		Sysprop other = make("question", "joins", "title", "How to join two tables of one database", "body", "Some markdown");
		client.create(other);
		String[] fields = {"properties.title", "properties.body", "properties.tags"};
		for (String like : List.of("id:" + question, "How to join two tables")) {
			List<String> got = ids(client.findSimilar("question", question, fields, like));
			checks.equal("Q12", "similar to " + like, "true false", got.contains("joins") + " " + got.contains(question));
		}
		Address address = App.child(new Address(question + ":address"), question);
		address.setName("Place");
		address.setAddress("NYC");
		address.setCountry("US");
		address.setLatlng("40.67,-73.94");
		client.create(address);
		checks.equal("Q12", "within 25 km", List.of(question), ids(client.findNearby("question", "*", 25, 40.7, -73.9)));
		checks.equal("Q12", "far away", List.of(), client.findNearby("question", "*", 25, 41.7, -73.9));
	}

	private void people() {
		for (String word : List.of("Jane", "Zoe")) {
			String low = word.toLowerCase();
			String q = "(name:(" + word + ") OR name:(" + low + "* OR properties.originalName:" + word + " OR properties.originalName:"
					+ low + "* OR " + word + "*) OR properties.location:(" + low + ") OR properties.aboutme:(" + low
					+ ") OR properties.groups:(" + low + "))";
			checks.equal("Q13", "people called " + word, word.equals("Jane") ? List.of(profileId()) : List.of(), found("profile", q));
		}
		checks.equal("Q13", "admins or moderators", 1, found("profile", "properties.groups:(admins OR mods)").size());
		checks.equal("Q13", "moderators", 0, found("profile", "properties.groups:(mods)").size());
		checks.equal("Q13", "subscribers of a tag", 1,
				found("profile", "properties.favtags:(\"java\" \"go\") AND properties.favtagsEmailsEnabled:true").size());
	}

	private void reset() {
		Sysprop identity = client.read("jane@example.com");
		identity.addProperty("token", "r-token");
		identity.addProperty("iforgotTimestamp", System.currentTimeMillis());
		client.update(identity);
		checks.equal("Q14", "token kept", "r-token", property(client.read("jane@example.com"), "token"));
		checks.equal("Q14", "the old password still counts", uid, signIn("jane@example.com", PASSWORD));
		identity = client.read("jane@example.com");
		identity.addProperty("token", "");
		identity.addProperty("password", HASH_OF_CHANGED);
		client.update(identity);
		checks.equal("Q14", "token cleared", "", property(client.read("jane@example.com"), "token"));
		checks.equal("Q14", "new password", uid, signIn("jane@example.com", CHANGED));
		checks.equal("Q14", "old password", null, signIn("jane@example.com", PASSWORD));
	}

	private void changeEmail() {
		Sysprop old = client.read("jane@example.com");
		Sysprop made = by(uid, make("sysprop", "jane@example.org", "password", old.getProperty("password")));
		made.setName("identifier");
		client.create(made);
		client.delete(old);
		User user = client.read("user", uid);
		user.setEmail("jane@example.org");
		user.setIdentifier("jane@example.org");
		checks.equal("Q15", "user patched", "jane@example.org", client.update(user).getEmail());
		checks.equal("Q15", "new address", uid, signIn("jane@example.org", CHANGED));
		checks.equal("Q15", "old address", null, signIn("jane@example.com", CHANGED));
	}

	private void deleteQuestion() {
		List<String> children = new ArrayList<>();
		for (String type : List.of("comment", "revision", "reply")) {
			children.addAll(ids(client.getChildren(post(), type)));
		}
		checks.equal("Q16", "children", 5, children.size());
		checks.equal("Q16", "with comment and revision", true, children.containsAll(List.of(comment, "rev1")));
		client.deleteAll(children);
		client.delete(post());
		children.add(question);
		checks.equal("Q16", "none readable", List.of(), client.readAll(children));
		checks.equal("Q16", "none found", 0L, client.getCount("reply"));
	}

	private void event() {
		Webhook event = new Webhook("https://para");
		event.setTriggeredEvent("config.update");
		event.setCustomPayload(Map.of("a", 1));
		event.setSecret("{{secretKey}}");
		event.setRepeatedDeliveryAttempts(3);
		checks.equal("Q17", "answer", "triggered:config.update", client.create(event).getId());
		checks.equal("Q17", "nothing stored", null, client.read("triggered:config.update"));
		checks.equal("Q17", "none counted", 0L, client.getCount("webhook"));
	}

	private List<ParaObject> everything() {
		List<ParaObject> seen = new ArrayList<>();
		client.readEverything(pager -> {
			List<ParaObject> page = client.findQuery("", "*", pager);
			seen.addAll(page);
			return seen.size() > 2000 ? List.<ParaObject>of() : page;
		}, 100);
		return seen;
	}

	private void backup() {
		List<Sysprop> many = new ArrayList<>();
		for (int n = 0; n < 300; n++) {
			many.add(make("question", "many" + n, "title", "Question " + n));
		}
		client.createAll(many);
		List<ParaObject> saved = everything();
		Map<String, Number> counts = client.typesCount();
		checks.equal("Q18", "everything once", counts.values().stream().mapToInt(Number::intValue).sum(), saved.size());
		client.deleteAll(ids(saved));
		checks.equal("Q18", "all deleted", 0, client.typesCount().values().stream().mapToInt(Number::intValue).sum());
		for (int start = 0; start < saved.size(); start += 100) {
			client.createAll(saved.subList(start, Math.min(start + 100, saved.size())));
		}
		checks.equal("Q18", "counts equal", counts, client.typesCount());
		List<ParaObject> restored = client.readAll(ids(saved));
		checks.equal("Q18", "ids", ids(saved), ids(restored));
		checks.equal("Q18", "timestamps", saved.stream().map(ParaObject::getTimestamp).toList(),
				restored.stream().map(ParaObject::getTimestamp).toList());
		checks.equal("Q18", "titles", saved.stream().map(o -> property(o, "title")).toList(),
				restored.stream().map(o -> property(o, "title")).toList());
		checks.equal("Q18", "the user signs in", uid, signIn("jane@example.org", CHANGED));
	}

	private void statistics() {
		Map<String, Number> counts = client.typesCount();
		checks.equal("Q19", "whole numbers", true, counts.values().stream().allMatch(n -> n instanceof Integer));
		checks.equal("Q19", "questions", client.getCount("question").intValue(), counts.get("question"));
		checks.holds("Q19", "version", client.getServerVersion().startsWith("1"), client.getServerVersion());
		checks.holds("Q19", "rebuildIndex()", client.rebuildIndex().get("reindexed") instanceof Integer, null);
		checks.equal("Q19", "searches afterwards", counts.get("question").longValue(), client.getCount("question"));
	}
}
