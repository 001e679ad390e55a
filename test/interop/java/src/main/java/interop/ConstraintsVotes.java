package interop;

import static interop.App.ids;
import static interop.App.make;
import static interop.App.refusal;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.Sysprop;
import com.erudika.para.core.Vote;
import com.erudika.para.core.validation.Constraint;
import java.util.List;
import java.util.Map;

/** 4.9 Constraints and votes, C7 of 4.3 and the vote steps of D4. */
final class ConstraintsVotes {

	private static final long FAR = 99999999999999L; // a time in the year 5138, in milliseconds

	private ConstraintsVotes() {
	}

	static void run(Server server, Checks checks) {
		App app = server.newApp("votes");
		Map<String, ParaObject> objects = app.fixture(checks);
		constraints(app.client, checks);
		everyKind(app.client, checks);
		votes(app.client, objects, checks);
	}

	private static void constraints(ParaClient client, Checks checks) {
		checks.scenario("I1", () -> {
			checks.equal("I1", "has app", true, client.validationConstraints().containsKey("app"));
			checks.equal("I1", "has user", true, client.validationConstraints().containsKey("user"));
		});
		checks.scenario("I2", () ->
			checks.equal("I2", "only app", "[app]", client.validationConstraints("app").keySet().toString()));
		checks.scenario("I3", () -> {
			client.addValidationConstraint("kitten", "paws", Constraint.required());
			checks.equal("I3", "kitten.paws.required", true,
					client.validationConstraints("kitten").get("kitten").get("paws").containsKey("required"));
		});
		checks.scenario("I4", () -> {
			Sysprop felix = make("kitten", "felix");
			checks.equal("I4", "create() without paws", null, client.create(felix));
			checks.equal("I4", "refusal", "400 - paws is required.", refusal(client, () -> client.create(felix)));
			felix.addProperty("paws", "4");
			checks.equal("I5", "create() with paws", "4", App.property(client.create(felix), "paws"));
		});
		checks.scenario("I6", () -> {
			client.removeValidationConstraint("kitten", "paws", "required");
			checks.equal("I6", "none left", Map.of(), client.validationConstraints("kitten"));
		});
		checks.scenario("C7", () -> {
			List<String> keys = ids(client.createAll(List.of(make("article", null, "text", "a b c"), make("article", null, "text", "a b c"))));
			client.addValidationConstraint("article", "text", Constraint.required());
			checks.equal("C7", "updateAll of invalid objects", List.of(), client.updateAll(List.of(
					make("article", keys.get(0), "text", ""), make("article", keys.get(1), "text", ""))));
			checks.equal("C7", "text kept", "a b c", App.property(client.read(keys.get(0)), "text"));
		});
	}

	private static void everyKind(ParaClient client, Checks checks) {
		kind(client, checks, Constraint.required(), "", "x", "f is required.");
		kind(client, checks, Constraint.min(3), 2, 3, "f must be a number larger than 3.");
		kind(client, checks, Constraint.max(3), 4, 3, "f must be a number smaller than 3.");
		kind(client, checks, Constraint.size(2, 3), "abcd", "abc", "f must be between 2 and 3.");
		kind(client, checks, Constraint.digits(2, 1), "123", "12.5", "f is not a valid number or within range.");
		kind(client, checks, Constraint.pattern("^[a-z]+$"), "ABC", "abc", "f doesn't match the pattern ^[a-z]+$.");
		kind(client, checks, Constraint.email(), "abc", "a@b.co", "f is not a valid email.");
		kind(client, checks, Constraint.url(), "a.co", "http://a.co", "f is not a valid URL.");
		kind(client, checks, Constraint.truthy(), false, true, "f must be true.");
		kind(client, checks, Constraint.falsy(), true, false, "f must be false.");
		kind(client, checks, Constraint.future(), 1, FAR, "f must be in the future.");
		kind(client, checks, Constraint.past(), FAR, 1, "f must be in the past.");
	}

	private static void kind(ParaClient client, Checks checks, Constraint kind, Object bad, Object good, String text) {
		checks.scenario("I13", () -> {
			String type = "kind" + kind.getName();
			client.addValidationConstraint(type, "f", kind);
			checks.equal("I13", kind.getName() + ": " + bad, "400 - " + text, refusal(client, () -> client.create(make(type, null, "f", bad))));
			ParaObject made = client.create(make(type, null, "f", good));
			checks.holds("I13", kind.getName() + ": " + good, made != null && made.getId() != null, made);
		});
	}

	private static int votesOf(ParaClient client, String type, String id) {
		return ((ParaObject) client.read(type, id)).getVotes();
	}

	private static void votes(ParaClient client, Map<String, ParaObject> objects, Checks checks) {
		Sysprop felix = make("kitten", "felix");
		checks.scenario("I7", () -> {
			checks.equal("I7", "voteUp", true, client.voteUp(felix, "c111"));
			checks.equal("I7", "votes", 1, votesOf(client, "kitten", "felix"));
			checks.equal("I8", "voteUp again", false, client.voteUp(felix, "c111"));
			checks.equal("I9", "voteDown", true, client.voteDown(felix, "c111"));
			checks.equal("I9", "votes", 0, votesOf(client, "kitten", "felix"));
			checks.equal("I9", "voteDown", true, client.voteDown(felix, "c111"));
			checks.equal("I9", "voteDown again", false, client.voteDown(felix, "c111"));
			checks.equal("I9", "votes", -1, votesOf(client, "kitten", "felix"));
		});
		checks.scenario("I10", () -> {
			Vote vote = client.read("vote", "vote:c111:felix");
			checks.equal("I10", "vote record", "down", vote.getValue());
			client.delete(vote);
			checks.equal("I10", "deleted", null, client.read("vote", "vote:c111:felix"));
		});
		checks.scenario("I11", () -> {
			Sysprop own = make("kitten", "own");
			own.setCreatorid("c111");
			client.create(own);
			checks.equal("I11", "vote of the creator", false, client.voteUp(own, "c111"));
			checks.equal("I11", "vote of the object", false, client.voteUp(own, "own"));
		});
		checks.scenario("I12", () -> {
			Sysprop timed = client.create(make("kitten", "timed"));
			checks.equal("I12", "vote with both windows", true, client.voteUp(timed, "c222", 10, 20));
			Vote vote = client.read("vote", "vote:c222:timed");
			checks.equal("I12", "windows stored", "10/20", vote.getExpiresAfter() + "/" + vote.getLockedAfter());
			checks.equal("I12", "vote with one window", true, client.voteUp(timed, "c333", 10, null));
			vote = client.read("vote", "vote:c333:timed");
			checks.equal("I12", "window stored", 10, vote.getExpiresAfter());
			checks.equal("I12", "vote with the other window", true, client.voteDown(timed, "s1", null, 20));
			vote = client.read("vote", "vote:s1:timed");
			checks.equal("I12", "window stored", 20, vote.getLockedAfter());
		});
		checks.scenario("D4", () -> {
			checks.equal("D4", "vote on a UTF-8 id", true, client.voteUp(objects.get("уникод"), "c222"));
			checks.equal("D4", "votes", 1, votesOf(client, "тип", "уникод"));
		});
	}
}
