package interop;

import static interop.App.ids;
import static interop.App.make;

import com.erudika.para.client.ParaClient;
import com.erudika.para.core.ParaObject;
import com.erudika.para.core.Sysprop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** 4.16 Concurrency: P1, P3 and P4 with one client shared by twenty threads. */
final class Concurrency {

	private Concurrency() {
	}

	static void run(Server server, Checks checks) {
		ParaClient client = server.newApp("parallel").client;
		ExecutorService pool = Executors.newFixedThreadPool(20);
		try {
			checks.scenario("P1", () -> {
				Set<String> made = new HashSet<>();
				all(pool, 20, n -> ids(client.createAll(thousandCats()))).forEach(made::addAll);
				checks.equal("P1", "distinct ids", 20000, made.size());
				checks.equal("P1", "all found", 20000L, client.getCount("cat"));
			});
			checks.scenario("P3", () -> {
				all(pool, 100, n -> {
					client.addAppSetting("k" + n, n);
					return null;
				});
				checks.equal("P3", "no setting lost", 100, client.appSettings().size());
			});
			checks.scenario("P4", () -> {
				Sysprop target = client.create(make("post", "voted"));
				List<Boolean> cast = all(pool, 100, n -> client.voteUp(target, "voter" + n));
				checks.equal("P4", "all votes cast", 100L, cast.stream().filter(b -> b).count());
				checks.equal("P4", "votes", 100, ((ParaObject) client.read("post", "voted")).getVotes());
			});
		} finally {
			pool.shutdownNow();
		}
	}

	private static List<Sysprop> thousandCats() {
		List<Sysprop> cats = new ArrayList<>(1000);
		for (int i = 0; i < 1000; i++) {
			cats.add(make("cat", null, "foo", "bar"));
		}
		return cats;
	}

	private static <T> List<T> all(ExecutorService pool, int times, IntFunction<T> work) throws Exception {
		List<Callable<T>> jobs = new ArrayList<>();
		for (int i = 0; i < times; i++) {
			int n = i;
			jobs.add(() -> work.apply(n));
		}
		List<T> results = new ArrayList<>();
		for (Future<T> job : pool.invokeAll(jobs)) {
			results.add(job.get());
		}
		return results;
	}
}
