package interop;

import java.util.Objects;

/** Counts and reports assertions; a failing one never stops the run. */
final class Checks {

	private int passed;
	private int failed;

	/** A block of assertions that may throw whatever a client throws. */
	interface Block {
		void run() throws Exception;
	}

	/** Passes when got equals expected. The scenario is the id of an acceptance scenario, such as B13. */
	void equal(String scenario, String what, Object expected, Object got) {
		record(Objects.equals(expected, got), scenario, what, String.valueOf(expected), String.valueOf(got));
	}

	/** Passes when the condition holds; got is what was looked at. */
	void holds(String scenario, String what, boolean condition, Object got) {
		record(condition, scenario, what, "this to hold", String.valueOf(got));
	}

	/** Turns an exception inside the block into one failure of that scenario. */
	void scenario(String scenario, Block block) {
		try {
			block.run();
		} catch (Exception problem) {
			String where = "";
			for (StackTraceElement frame : problem.getStackTrace()) {
				if (frame.getClassName().startsWith("interop.")) {
					where = " (" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
					break;
				}
			}
			record(false, scenario, "no exception", "none", problem + where);
		}
	}

	int made() {
		return passed + failed;
	}

	int failed() {
		return failed;
	}

	/** The closing line. */
	String summary() {
		return passed + " passed, " + failed + " failed";
	}

	private void record(boolean ok, String scenario, String what, String expected, String got) {
		if (ok) {
			passed++;
			return;
		}
		failed++;
		System.out.println("FAIL " + scenario + " " + what + ": expected " + brief(expected) + ", got " + brief(got));
	}

	private static String brief(String value) {
		String text = value.replaceAll("\\s*\\n\\s*", " ");
		return text.length() <= 600 ? text : text.substring(0, 600) + "…";
	}
}
